/**
 * A function that does next to nothing, called on two threads: what a call itself costs. A thousand calls are
 * under way at once, or one after the other.
 */
import { availableParallelism } from "node:os";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Row, Sample, Scale, Workload } from "../../harness/workload.ts";

const peers = ["piscina", "tinypool", "workerpool"] as const;

export const workload: Workload = {
  title: "short calls on a pool",
  rounds: 3,
  rows: [
    ...peers.map((peer) => against("pool.run, 1000 at once", "quipe-run.burst", peer)),
    ...peers.map((peer) => against("map", "quipe-map.burst", peer)),
    ...peers.map((peer): Row => ({
      what: "pool.run, one after the other",
      unit: "ns",
      of: "quipe-run.single",
      against: `${peer}.single`,
      ratio: "speed",
    })),
  ],
};

function against(what: string, of: Row["of"], peer: (typeof peers)[number]): Row {
  return { what, unit: "ns", of, against: `${peer}.burst`, ratio: "speed", reach: 3 };
}

/** How many threads every pool has. */
export const threadCount: number = Math.min(2, availableParallelism());

/** What is called; peers that take one value take it as one. */
export interface Pair {
  readonly a: number;
  readonly b: number;
}

/** Calls under way at once, and how often so many are made in one batch. */
export function callCount({ quick }: Scale): { readonly atOnce: number; readonly bursts: number } {
  return quick ? { atOnce: 100, bursts: 2 } : { atOnce: 1000, bursts: 10 };
}

/** Times a pool that is called by a function. */
export async function measureCalls(
  scale: Scale,
  call: (a: number, b: number) => PromiseLike<number>,
): Promise<Sample> {
  const { atOnce, bursts } = callCount(scale);
  let sum = 0;
  const burst = await leastBatchNs(atOnce * bursts, async () => {
    sum = 0;
    for (let i = 0; i < bursts; i++) {
      const calls: PromiseLike<number>[] = [];
      for (let j = 0; j < atOnce; j++) calls.push(call(i, j));
      for (const value of await Promise.all(calls)) sum += value;
    }
  });
  const single = await leastBatchNs(SINGLE_CALLS, async () => {
    for (let i = 0; i < SINGLE_CALLS; i++) await call(i, 1);
  });
  return { figures: { burst, single }, checksum: sum };
}

const SINGLE_CALLS = 100;
