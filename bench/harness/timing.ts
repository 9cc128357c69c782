/**
 * Taking times inside one process: the least of many, and two kinds of data side by side.
 */
import type { Sample } from "./workload.ts";

/** The least time that `work` took, in milliseconds. Runs it at least once. */
export async function leastMs(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const begin = performance.now();
    await work();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

/**
 * The least nanoseconds for each of `count` operations that `work` does, over a second or so of batches. Batches
 * of some milliseconds find the moments when nobody else wants the processors.
 */
export async function leastBatchNs(count: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  const until = performance.now() + BATCHES_MS;
  for (let i = 0; i < LEAST_BATCHES || performance.now() < until; i++) {
    least = Math.min(least, await leastMs(1, work));
  }
  return (least * 1e6) / count;
}

const BATCHES_MS = 1200;
const LEAST_BATCHES = 5;

let copies = 0;

/**
 * The same source text, compiled anew. Code that has seen plain objects and views of shared memory in one place
 * is slower for both than code that has seen one kind; so each kind gets a copy that sees nothing else. The text
 * is made different, because V8 recognises a text that it has compiled before. `job` closes over nothing.
 */
export function compiledCopy<Data>(job: (data: Data) => number): (data: Data) => number {
  copies += 1;
  const text = Function.prototype.toString.call(job);
  // eslint-disable-next-line no-new-func -- the text is a function of this program
  return new Function(`"use strict"; /* copy ${copies} */ return (${text});`)() as typeof job;
}

/** Two sets of the same data, one of which is plain objects. */
export interface Subjects<Data> {
  readonly plain: Data;
  readonly view: Data;
}

/**
 * Runs `job` on both sets in turn, each with code of its own, for about `forMs`. The figures are the least
 * milliseconds that each took. The answers are compared here, every time.
 */
export function sideBySide<Data>(
  { plain, view }: Subjects<Data>,
  job: (data: Data) => number,
  forMs: number,
): Sample {
  const plainJob = compiledCopy(job);
  const viewJob = compiledCopy(job);
  const least = { plain: Infinity, view: Infinity };
  let wrong: string | undefined;
  const until = performance.now() + forMs;
  for (let round = 0; round < 5 || performance.now() < until; round++) {
    const begin = performance.now();
    const expected = plainJob(plain);
    const middle = performance.now();
    const got = viewJob(view);
    const end = performance.now();
    if (!Object.is(expected, got)) wrong = `${expected} became ${got}`;
    least.plain = Math.min(least.plain, middle - begin);
    least.view = Math.min(least.view, end - middle);
  }
  return { figures: least, checksum: "compared", ...(wrong === undefined ? {} : { wrong }) };
}

/** The least milliseconds of `job` on data that nobody has touched before, with code that is warm. */
export function firstTouchMs<Data>(
  times: number,
  job: (data: Data) => number,
  makeFresh: () => Data,
): number {
  const warm = compiledCopy(job);
  let least = Infinity;
  for (let i = 0; i <= times; i++) {
    const fresh = makeFresh();
    const begin = performance.now();
    warm(fresh);
    if (i > 0) least = Math.min(least, performance.now() - begin);
  }
  return least;
}

/** A sample whose figures are milliseconds, as nanoseconds for each of so many operations. */
export function perOperation(operations: number, sample: Sample): Sample {
  const each = Object.entries(sample.figures).map(([name, ms]) => [name, (ms * 1e6) / operations]);
  return { ...sample, figures: Object.fromEntries(each) as Sample["figures"] };
}
