import { pool, task } from "../../../src/index.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { measureCalls, threadCount } from "./workload.ts";

export const add: (a: number, b: number) => number = task(
  import.meta.url,
  function add(a: number, b: number): number {
    return a + b;
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const workers = pool({ size: threadCount });
  const sample = await measureCalls(scale, (a, b) => workers.run(add, [a, b]));
  await workers.close();
  return sample;
}
