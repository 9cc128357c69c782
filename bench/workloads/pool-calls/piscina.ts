import { Piscina } from "piscina";
import type { Sample, Scale } from "../../harness/workload.ts";
import { measureCalls, threadCount } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const filename = new URL("add.js", import.meta.url).href;
  const pool = new Piscina({
    filename,
    name: "add",
    minThreads: threadCount,
    maxThreads: threadCount,
    concurrentTasksPerWorker: 1,
  });
  const sample = await measureCalls(scale, (a, b) => pool.run({ a, b }) as Promise<number>);
  await pool.destroy();
  return sample;
}
