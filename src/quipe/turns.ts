/**
 * Operations of one side of one end that wait: each is served in its turn, whoever of them happens to try.
 *
 *   first ◂ second ◂ third        third tries: first is served, then second, then third
 *
 * Without it, an operation that begins just when there is room again would overtake those that wait, and
 * the items of one sender would arrive out of order.
 *
 * The first of them may stand in a queue of several tasks (halves.ts). It leaves that when nothing waits here any
 * more, and while the thread sleeps for anything else: what it sleeps for may depend on somebody behind it.
 */
import { ring } from "../sync/board.ts";
import { thisThread } from "../sync/thread.ts";
import {
  type WaitOptions,
  type WaitTarget,
  block,
  blockFor,
  onBlocking,
  park,
} from "../sync/wait.ts";

/** An operation that waits. Once it is served it has happened, and giving it up comes too late. */
export interface Turn {
  isServed: boolean;
}

/** What is done about turns. */
export interface Service<T extends Turn> {
  /** Does what the turn waits for; false if that is not possible now. */
  serve(turn: T): boolean;
  /** The first turn waits no longer. False if it came too late for that: the turn has been served all the same. */
  leave(turn: T): boolean;
}

/** Those in which something waits without blocking the thread. */
const parked = new Set<Turns<never>>();

/** The waiting operations of one kind, in the order in which they began. */
export class Turns<T extends Turn> {
  readonly #waiting: T[] = [];
  readonly #service: Service<T>;
  readonly #target: WaitTarget;
  #hasGivenWay = false;

  constructor(service: Service<T>, target: WaitTarget) {
    this.#service = service;
    this.#target = { ...target }; // one for these turns alone
  }

  /** Whether anything waits, so that nothing new may begin at once. */
  get isTaken(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits without blocking until `turn` has been served; rejects with nothing done. */
  async wait(turn: T, options: WaitOptions | undefined): Promise<void> {
    this.#waiting.push(turn);
    parked.add(this as unknown as Turns<never>);
    onBlocking(giveWay);
    try {
      await park(() => this.#serveUpTo(turn), this.#target, options);
    } catch (error) {
      this.#leave(turn, error);
    } finally {
      if (!this.isTaken) parked.delete(this as unknown as Turns<never>);
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

  /** A turn that is tried by who has it, as one of several things that may happen; it begins behind those that wait. */
  join(turn: T): void {
    this.#waiting.push(turn);
  }

  /** Tries a turn that has joined; whoever is before it comes first. */
  attempt(turn: T): boolean {
    return this.#serveUpTo(turn);
  }

  /** A turn that has joined waits no longer. False if it has been served. */
  withdraw(turn: T): boolean {
    if (!turn.isServed) this.#giveUp(turn);
    return !turn.isServed;
  }

  /** Blocks the thread until `attempt` succeeds, or for so long; nothing is served. */
  napSync(attempt: () => boolean, timeoutMs: number): void {
    blockFor(attempt, this.#target, { timeoutMs });
  }

  /** Leaves the queue of several tasks while this thread sleeps for `target`; whoever waits here tries again after that. */
  giveWay(target: WaitTarget): void {
    const first = this.#waiting[0];
    if (target === this.#target || first === undefined || this.#hasGivenWay) return;
    this.#hasGivenWay = true;
    if (!this.#service.leave(first)) this.#served(first);
    ringMyself();
  }

  #serveUpTo(turn: T): boolean {
    this.#hasGivenWay = false;
    while (!turn.isServed) {
      const first = this.#waiting[0] ?? turn;
      if (!this.#service.serve(first)) return false;
      this.#served(first);
      if (first !== turn) ringMyself(); // whoever waits for that one looks again
    }
    return true;
  }

  #served(turn: T): void {
    turn.isServed = true;
    const place = this.#waiting.indexOf(turn);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  #leave(turn: T, error: unknown): void {
    if (!turn.isServed) this.#giveUp(turn);
    if (!turn.isServed) throw error; // otherwise it was given up too late: it has happened
  }

  #giveUp(turn: T): void {
    const isFirst = this.#waiting[0] === turn;
    if (isFirst && !this.#service.leave(turn)) return this.#served(turn);
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    if (isFirst && this.isTaken) ringMyself(); // the next one sits down in its place
  }
}

function giveWay(target: WaitTarget): void {
  for (const turns of parked) turns.giveWay(target);
}

/** Makes everything that this thread waits for be tried again. */
export function ringMyself(): void {
  const { board, task } = thisThread();
  ring(board, task.slot);
}
