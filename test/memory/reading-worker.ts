/** The other thread of region-threads.test.ts: opens the regions it is sent and says what it read. */
import { parentPort } from "node:worker_threads";
import { openRegion } from "../../src/memory/region.ts";
import { rootOf } from "../../src/memory/views.ts";

parentPort?.on("message", (buffers: SharedArrayBuffer[]) => {
  const regions = buffers.map((buffer) => openRegion(buffer));
  const [first] = regions;
  if (first === undefined) throw new Error("no region was sent");
  const root = rootOf(first) as Record<string, unknown>;
  let refused = "nothing";
  try {
    root["fresh"] = 1;
  } catch (error) {
    refused = (error as Error).name;
  }
  const isSame = openRegion(buffers[0] as SharedArrayBuffer) === first && root["self"] === root;
  parentPort?.postMessage({
    copy: structuredClone(root),
    json: JSON.stringify(root["tree"]),
    refused,
    isSame,
  });
});
