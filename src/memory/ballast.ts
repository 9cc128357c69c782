/**
 * Makes engines count shared memory. V8 does not: a SharedArrayBuffer of 50 MB weighs as much as an empty object,
 * so sixty that were dropped stayed resident, 3 GB, because nothing told the collector that it was time.
 *
 * So whoever holds shared memory, a Region object or an entry of the reaper's directory, holds ordinary
 * memory of half that size with it, which counts. It is never touched, so it is address space and nothing else;
 * it is resizable, because then engines take it from the system page by page, zeroed by it, and never from
 * memory that they used before and would have to zero themselves. With the whole size, V8 collected all garbage
 * at every image of 64 MB, while it was frozen or loaded.
 */

/** Less is not worth it: the objects that come with it weigh enough. */
const LEAST_BYTES = 1 << 16;

/** What to hold beside `bytes` of shared memory. */
export function ballastFor(bytes: number): ArrayBuffer | undefined {
  if (bytes < LEAST_BYTES) return undefined;
  const weight = Math.floor(bytes / 2); // more than 2 GB do not fit into 32 bits
  try {
    return new ArrayBuffer(weight, { maxByteLength: weight });
  } catch {
    // No address space left for it: then the memory is collected later.
    return undefined;
  }
}

/** How many bytes are counted together. */
const MANY_BYTES = 1 << 21;

let uncounted = 0;
let lastBallast: ArrayBuffer | undefined;

/**
 * Says that this thread has come by `bytes` of shared memory which are one of many short-lived pieces, too small to
 * hold ballast each: it is dropped again at once, since it is being made that brings the next collection nearer.
 */
export function countSmall(bytes: number): void {
  uncounted += bytes;
  if (uncounted < MANY_BYTES) return;
  lastBallast = ballastFor(uncounted);
  uncounted = lastBallast === undefined ? uncounted : 0;
}

/** The same for memory of another size than before: what is held already, if that is about right. */
export function ballastAgain(
  held: ArrayBuffer | undefined,
  bytes: number,
): ArrayBuffer | undefined {
  const weight = held?.byteLength ?? 0;
  return weight * 2 >= bytes && weight <= bytes * 2 ? held : ballastFor(bytes);
}
