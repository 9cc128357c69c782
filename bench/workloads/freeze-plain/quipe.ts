import { freeze } from "../../../src/index.ts";
import { locate } from "../../../src/memory/location.ts";
import { leastMs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { makeSources } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const figures: Record<string, number> = {};
  for (const [name, make] of Object.entries(makeSources(scale))) {
    const source = make() as object;
    figures[`${name}MB`] = (locate(freeze(source))?.region.buffer.byteLength ?? NaN) / 1e6;
    figures[name] = await leastMs(4, async () => void freeze(source));
  }
  return { figures, checksum: "copied" };
}
