/** A pause of a task that only has to go on: it never looks up, and leaves the processor to others all the same. */

const NAP_MS = 0.1;

/** Nobody wakes who sleeps on this. */
const asleep = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps for a moment, blocking the thread. */
export function nap(): void {
  Atomics.wait(asleep, 0, 0, NAP_MS);
}
