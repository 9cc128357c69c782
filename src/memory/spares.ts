/**
 * Memory that a region of this thread has left and that the next one may use: engines learn too late that
 * dropped shared memory is garbage, since they do not count its bytes.
 *
 *   compaction, growth ─▶ kept, if nobody else can have it ─▶ zeroed ─▶ the next compaction, growth
 *
 * Why nobody sees another region through it. Kept is only memory of a region that was never entered in the
 * reaper's directory, so no other thread has it and no registry will clear a pin in it, and that no update under
 * a guard could go back to; and that no cursor
 * of a scan was made over, for cursors alone read words without asking whether their views still live. All
 * other views follow their region to its new memory, or are dead. It is wholly zeroed before it is used.
 *
 * A thread keeps few, each no larger than what the region that left it may come to need again: a region
 * that shrinks hands its memory back.
 */

/** Spares of one thread. */
const MOST = 2;

/** Less is not worth keeping. */
const LEAST_BYTES = 1 << 16;

const spares: SharedArrayBuffer[] = [];

/** Keeps memory that nothing refers to any more. */
export function keepSpare(buffer: SharedArrayBuffer): void {
  if (!buffer.growable || buffer.byteLength < LEAST_BYTES) return;
  spares.push(buffer);
  if (spares.length > MOST) spares.shift();
}

/** Zeroed memory of at least `bytes` and at most `most`; undefined if none was kept. */
export function takeSpare(bytes: number, most: number): SharedArrayBuffer | undefined {
  const index = spares.findLastIndex(
    (spare) => spare.byteLength <= most && spare.maxByteLength >= bytes,
  );
  const [spare] = index < 0 ? [] : spares.splice(index, 1);
  if (spare === undefined) return undefined;
  new Uint8Array(spare).fill(0);
  if (spare.byteLength < bytes) spare.grow(bytes);
  return spare;
}
