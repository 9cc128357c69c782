/**
 * The reaper's directory of shared buffers: id to buffer, for threads that meet an id they do not know.
 *
 *   publish(id, buffer)    fetch(id) → buffer       drop(id)
 *
 * A fetch may overtake its publish, since they come from different threads; it then waits here. It is
 * answered with nothing once the buffer has been dropped, so nobody waits for what will never come.
 */

/** Answers one fetch. */
export type FetchAnswer = (buffer: SharedArrayBuffer | undefined) => void;

/** Ids are handed out in order, so one number tells which dropped ids are remembered. */
const REMEMBERED_DROPS = 65_536;

/** Shared buffers by id. Only the reaper has one. */
export class Directory {
  readonly #buffers = new Map<number, SharedArrayBuffer>();
  readonly #waiting = new Map<number, FetchAnswer[]>();
  readonly #dropped = new Set<number>();

  /** How many buffers are kept. */
  get size(): number {
    return this.#buffers.size;
  }

  publish(id: number, buffer: SharedArrayBuffer): void {
    if (this.#dropped.delete(id)) return;
    this.#buffers.set(id, buffer);
    for (const answer of this.#waiting.get(id) ?? []) answer(buffer);
    this.#waiting.delete(id);
  }

  fetch(id: number, answer: FetchAnswer): void {
    const buffer = this.#buffers.get(id);
    if (buffer !== undefined || this.#dropped.has(id)) {
      answer(buffer);
      return;
    }
    const others = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, [...others, answer]);
  }

  drop(id: number): void {
    if (!this.#buffers.delete(id)) this.#forgetLater(id);
    for (const answer of this.#waiting.get(id) ?? []) answer(undefined);
    this.#waiting.delete(id);
  }

  #forgetLater(id: number): void {
    this.#dropped.add(id);
    for (const oldest of this.#dropped) {
      if (this.#dropped.size <= REMEMBERED_DROPS) break;
      this.#dropped.delete(oldest);
    }
  }
}
