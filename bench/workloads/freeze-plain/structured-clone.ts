import { heapMB } from "../../harness/memory-use.ts";
import { leastMs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { makeSources } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const figures: Record<string, number> = {};
  for (const [name, make] of Object.entries(makeSources(scale))) {
    const source = make();
    const before = await heapMB();
    const held: unknown[] = [structuredClone(source)];
    figures[`${name}MB`] = (await heapMB()) - before;
    held.length = 0;
    figures[name] = await leastMs(4, async () => void structuredClone(source));
  }
  return { figures, checksum: "copied" };
}
