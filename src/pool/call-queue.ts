/** Calls that wait for a worker, first come first served; those taken back from a worker come first. */
import type { Call } from "./call.ts";
import type { CallSource } from "./crew.ts";

/** Taken calls at the front of the array are cut off in bunches of so many. */
const cutAfter = 1024;

/** A queue of calls. What was given up while it waited is passed over. */
export class CallQueue implements CallSource {
  #calls: Call[] = [];
  #head = 0;

  /** How many wait. */
  get length(): number {
    return this.#calls.length - this.#head;
  }

  add(call: Call): void {
    this.#calls.push(call);
  }

  /** Puts calls to the front, in their order. */
  giveBack(calls: readonly Call[]): void {
    if (calls.length > this.#head) {
      this.#calls = [...calls, ...this.#calls.slice(this.#head)];
      this.#head = 0;
      return;
    }
    this.#head -= calls.length;
    for (const [i, call] of calls.entries()) this.#calls[this.#head + i] = call;
  }

  next(): Call | undefined {
    for (;;) {
      const call = this.#calls[this.#head];
      if (call === undefined) return undefined;
      this.#head += 1;
      if (this.#head >= cutAfter || this.length === 0) {
        this.#calls = this.#calls.slice(this.#head);
        this.#head = 0;
      }
      if (!call.isSettled) return call;
    }
  }

  /** Empties the queue. */
  takeAll(): readonly Call[] {
    const calls = this.#calls.slice(this.#head).filter((call) => !call.isSettled);
    this.#calls = [];
    this.#head = 0;
    return calls;
  }
}
