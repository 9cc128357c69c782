/**
 * What `for await (const item of end)` goes through: receives until the other side has ended cleanly.
 *
 *   next ──▶ an item that is there: one promise · none: the wait of `receive` · `ended`: done · any other end: thrown, once
 *
 * A generator would do the same with three promises for each item, which take longer than the item itself.
 */
import { nextTurn } from "../runtime/host.ts";
import { throwIfStopped } from "../sync/wait.ts";
import type { End } from "./end.ts";
import type { Inside } from "./sides.ts";

/** So many items that were there at once; then timers get their turn. */
export const ITEMS_PER_TURN = 64;

type Result<In> = IteratorResult<In, void>;

const OVER: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };

/** The loop over one end. Leaving it early closes nothing. */
export class ReceiveLoop<In> implements AsyncIterableIterator<In, void, undefined> {
  readonly #end: End<never, In>;
  readonly #inside: Inside;
  readonly #isCleanEnd: (error: unknown) => boolean;
  #inARow = 0;
  #isOver = false;

  /** `isCleanEnd` says of what a receive has thrown whether the loop is over by that, and not failed. */
  constructor(end: End<never, In>, inside: Inside, isCleanEnd: (error: unknown) => boolean) {
    this.#end = end;
    this.#inside = inside;
    this.#isCleanEnd = isCleanEnd;
  }

  next(): Promise<Result<In>> {
    if (this.#isOver) return Promise.resolve(OVER);
    const { inlet, live } = this.#inside;
    try {
      throwIfStopped();
      const item = inlet.takeSoon(live);
      if (item === undefined) return this.#nextLater();
      const result: Result<In> = { done: false, value: item.value as In };
      const isInTurn = ++this.#inARow % ITEMS_PER_TURN > 0;
      return isInTurn ? Promise.resolve(result) : nextTurn().then(() => result);
    } catch (error) {
      return this.#ended(error);
    }
  }

  return(): Promise<Result<In>> {
    this.#isOver = true;
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #nextLater(): Promise<Result<In>> {
    const { inlet, live } = this.#inside;
    try {
      const value = (await inlet.wait(this.#end, live, undefined)) as In;
      return { done: false, value };
    } catch (error) {
      return this.#ended(error);
    }
  }

  #ended(thrown: unknown): Promise<Result<In>> {
    this.#isOver = true;
    return this.#isCleanEnd(thrown) ? Promise.resolve(OVER) : Promise.reject(thrown);
  }
}
