/**
 * Operations of one side of one end that wait: each is served in its turn, whoever of them happens to try.
 *
 *   first ◂ second ◂ third        third tries: first is served, then second, then third
 *
 * Without it, an operation that begins just when there is room again would overtake those that wait, and
 * the items of one sender would arrive out of order.
 */
import { ring } from "../sync/board.ts";
import { thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, block, blockFor, park } from "../sync/wait.ts";

/** An operation that waits. Once it is served it has happened, and giving it up comes too late. */
export interface Turn {
  isServed: boolean;
}

/** The waiting operations of one kind, in the order in which they began. */
export class Turns<T extends Turn> {
  readonly #waiting: T[] = [];
  readonly #serve: (turn: T) => boolean;
  readonly #target: WaitTarget;

  /** `serve` does what a turn waits for; false if that is not possible now. */
  constructor(serve: (turn: T) => boolean, target: WaitTarget) {
    this.#serve = serve;
    this.#target = target;
  }

  /** Whether anything waits, so that nothing new may begin at once. */
  get isTaken(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits without blocking until `turn` has been served; rejects with nothing done. */
  async wait(turn: T, options: WaitOptions | undefined): Promise<void> {
    this.#waiting.push(turn);
    try {
      await park(() => this.#serveUpTo(turn), this.#target, options);
    } catch (error) {
      this.#leave(turn, error);
    }
  }

  /** Blocks the thread until `turn` has been served; throws with nothing done. */
  waitSync(turn: T, options: WaitOptions | undefined): void {
    this.#waiting.push(turn);
    try {
      block(() => this.#serveUpTo(turn), this.#target, options);
    } catch (error) {
      this.#leave(turn, error);
    }
  }

  /** Blocks the thread until `attempt` succeeds, or for so long; nothing is served. */
  napSync(attempt: () => boolean, timeoutMs: number): void {
    blockFor(attempt, this.#target, { timeoutMs });
  }

  #serveUpTo(turn: T): boolean {
    while (!turn.isServed) {
      const first = this.#waiting[0] ?? turn;
      if (!this.#serve(first)) return false;
      first.isServed = true;
      this.#waiting.shift();
      if (first !== turn) ringMyself(); // whoever waits for that one looks again
    }
    return true;
  }

  #leave(turn: T, error: unknown): void {
    if (turn.isServed) return; // given up too late: it has happened
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    throw error;
  }
}

/** Makes everything that this thread waits for be tried again. */
export function ringMyself(): void {
  const { board, task } = thisThread();
  ring(board, task.slot);
}
