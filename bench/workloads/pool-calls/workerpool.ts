import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Sample, Scale } from "../../harness/workload.ts";
import { measureCalls, threadCount } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const script = fileURLToPath(new URL("workerpool-worker.js", import.meta.url));
  const pool = workerpool.pool(script, {
    workerType: "thread",
    minWorkers: threadCount,
    maxWorkers: threadCount,
  });
  const sample = await measureCalls(scale, (a, b) => pool.exec("add", [a, b]));
  await pool.terminate();
  return sample;
}
