/**
 * Words that are only needed while a graph is encoded, and grow in place.
 *
 *   small  ─ ordinary memory, copied when it doubles
 *   large  ─ a shared buffer with room reserved behind it ── released ──▶ spare, held weakly ──▶ used again
 *
 * V8 counts ordinary buffers as a burden on its heap: those that doubling leaves behind made it collect all
 * garbage two or three times while a million rows were frozen, 100 ms each. Growable shared buffers are
 * neither counted nor copied. They are not collected in good time either, so the next graph takes those
 * of the last one, unless they were collected meanwhile. No other thread ever sees one.
 */
import { checkSharedMemory } from "../runtime/host.ts";
import { MAXIMUM_WORDS } from "./layout.ts";

/** Less than this many words are ordinary memory. */
const LEAST_WORDS = 1 << 18;

/** How often what is asked for may double before the words have to be copied after all. */
const DOUBLINGS = 5;

interface Spare {
  readonly buffer: WeakRef<SharedArrayBuffer>;
  /** So many words of it may differ from nought. */
  readonly used: number;
}

let spares: Spare[] = [];

/** Words that begin with `words`, with room for at least `count`; what is new is nought. */
export function grownWords(words: Int32Array, count: number): Int32Array {
  const length = Math.min(Math.max(count, words.length * 2), MAXIMUM_WORDS);
  if (isGrowable(words.buffer) && length * 4 <= words.buffer.maxByteLength) {
    return wordsIn(words.buffer, length);
  }
  const larger = length < LEAST_WORDS ? new Int32Array(length) : takeWords(length);
  larger.set(words);
  return larger;
}

/** Gives words back that {@link grownWords} has made. Those from `used` on are nought. */
export function releaseWords({ buffer }: Int32Array, used: number): void {
  if (isGrowable(buffer)) spares.push({ buffer: new WeakRef(buffer), used });
}

function takeWords(length: number): Int32Array {
  for (const spare of spares) {
    const buffer = spare.buffer.deref();
    if (buffer === undefined || buffer.maxByteLength < length * 4) continue;
    spares = spares.filter((other) => other !== spare && other.buffer.deref() !== undefined);
    new Int32Array(buffer, 0, spare.used).fill(0);
    return wordsIn(buffer, length);
  }
  spares = spares.filter(({ buffer }) => buffer.deref() !== undefined);
  checkSharedMemory();
  const bytes = length * 4;
  const maxByteLength = Math.min(bytes * 2 ** DOUBLINGS, MAXIMUM_WORDS * 4);
  return wordsIn(new SharedArrayBuffer(bytes, { maxByteLength }), length);
}

/** Views with a length of their own: those that follow the length of a buffer are slow. */
function wordsIn(buffer: SharedArrayBuffer, length: number): Int32Array {
  if (buffer.byteLength < length * 4) buffer.grow(length * 4);
  return new Int32Array(buffer, 0, length);
}

function isGrowable(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return buffer instanceof SharedArrayBuffer && buffer.growable;
}
