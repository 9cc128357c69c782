/**
 * How far a mapper has come, in two shared words: what tells, when it dies, which record it died of.
 *
 *   | word     | written by  | read by | meaning                                           |
 *   | BEGUN    | the mapper  | the map | calls of the function that have begun             |
 *   | FINISHED | the mapper  | the map | of these, how many have given a value or an error |
 *
 * BEGUN is at most one ahead of FINISHED: a mapper works on one record at a time. Both count modulo 2^32
 * and start at zero with each mapper. Nobody waits for these words.
 */
import { load, store } from "../runtime/atomics.ts";

const BEGUN = 0;
const FINISHED = 1;

/** The words of a mapper that has not begun. */
export function createProgress(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** The mapper begins with its next record. */
export function noteBegun(words: Int32Array): void {
  store(words, BEGUN, (load(words, BEGUN) + 1) | 0);
}

/** The mapper has its value or its error. */
export function noteFinished(words: Int32Array): void {
  store(words, FINISHED, load(words, BEGUN));
}

/** The count of the record that the mapper is working on, from 1; undefined between records. */
export function recordAtWork(words: Int32Array): number | undefined {
  const finished = load(words, FINISHED); // First: a record that ends meanwhile still counts as at work.
  const begun = load(words, BEGUN);
  return begun === finished ? undefined : begun;
}
