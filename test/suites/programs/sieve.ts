/** The primes by filters in a row, all in one task: what passes one goes into the lane of the next. */
import { type End, quipe, task } from "../../../src/index.ts";

/** The first `count` primes. */
export const sieve = task(
  import.meta.url,
  async function sieve(count: number, capacity: number): Promise<number[]> {
    const primes: number[] = [];
    let from: End = counting(capacity);
    while (primes.length < count) {
      const prime = (await from.receive()) as number;
      primes.push(prime);
      from = without(prime, from, capacity);
    }
    from.close();
    return primes;
  },
);

function counting(capacity: number): End {
  const [into, from] = quipe({ capacity });
  void untilBroken(async () => {
    for (let i = 2; ; i++) await into.send(i);
  });
  return from;
}

function without(prime: number, source: End, capacity: number): End {
  const [into, from] = quipe({ capacity });
  void untilBroken(async () => {
    for await (const item of source)
      if ((item as number) % prime !== 0) await into.send(item as number);
  }).finally(() => source.close());
  return from;
}

async function untilBroken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if ((error as { code?: string }).code !== "broken") throw error;
  }
}
