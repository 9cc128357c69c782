/**
 * Operations of one side of one end that wait: each is served in its turn, whoever of them happens to try.
 *
 *   first ◂ second ◂ third        third tries: first is served, then second, then third
 *
 * Without it, an operation that begins just when there is room again would overtake those that wait, and
 * the items of one sender would arrive out of order.
 *
 * A select waits in many queues at once, and in each of them for as long as it chooses. Nobody can serve it with what
 * he waits for himself, since it may choose something else. It tries by itself, in every pass in which those behind it
 * do; only who blocks the thread, and so keeps it from trying, lets it try first.
 *
 * Whoever is first may stand in a queue of several tasks (halves.ts). It leaves that when nothing waits here any
 * more, and while the thread sleeps for anything else: what it sleeps for may depend on somebody behind it.
 */
import { isOnItsWay } from "../sync/on-its-way.ts";
import { ringMyself } from "../sync/thread.ts";
import {
  type WaitOptions,
  type WaitTarget,
  block,
  blockFor,
  onBlocking,
  park,
} from "../sync/wait.ts";
import type { Chooser } from "./case.ts";

/** An operation that waits. Once it is served it has happened, and giving it up comes too late. */
export interface Turn {
  isServed: boolean;
  /** Why it can never be served, found out by somebody behind it; it throws that as soon as it looks itself. */
  refusal?: { readonly error: unknown };
  /** The End whose operation this is: it must not be collected, and so closed, while it waits. */
  keeps?: object;
}

/** What is done about turns. */
export interface Service<T extends Turn> {
  /** Does what the turn waits for; false if that is not possible now. */
  serve(turn: T): boolean;
  /**
   * The first turn waits no longer; `behind` it others do. Says which turn it came too late for: that one has been
   * served all the same.
   */
  leave(turn: T, behind: readonly T[]): T | undefined;
  /** A select that was first waits no longer. */
  leaveQueue(): void;
}

/** Those in which something waits without blocking the thread. */
const parked = new Set<Turns<never>>();

/** The waiting operations of one kind, in the order in which they began. */
export class Turns<T extends Turn> {
  readonly #waiting: (T | Chooser)[] = [];
  readonly #service: Service<T>;
  readonly #target: WaitTarget;
  #hasGivenWay = false;
  /** Something is being served. To read an item this thread may sleep for shared memory that the item names. */
  #isServing = false;

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
    this.#enter(turn);
    try {
      await park(() => this.#serveUpTo(turn, false), this.#target, options);
    } catch (error) {
      this.#leave(turn, error);
    } finally {
      this.#forget();
    }
  }

  /** Blocks the thread until `turn` has been served; throws with nothing done. */
  waitSync(turn: T, options: WaitOptions | undefined): void {
    this.#waiting.push(turn);
    try {
      block(() => this.#serveUpTo(turn, true), this.#target, options);
    } catch (error) {
      this.#leave(turn, error);
    }
  }

  /** Blocks the thread until `attempt` succeeds, or for so long; nothing is served. */
  napSync(attempt: () => boolean, timeoutMs: number): void {
    blockFor(attempt, this.#target, { timeoutMs });
  }

  /**
   * Does `act` for a select, in its turn. It waits here from then on; it has left once `act` says true or throws.
   */
  tryInTurn(chooser: Chooser, act: () => boolean): boolean {
    if (!this.#waiting.includes(chooser)) this.#enter(chooser);
    let isOver = true;
    try {
      isOver = this.#serveBefore(chooser) && this.#whileServing(act);
    } catch (error) {
      isOver = !isOnItsWay(error);
      throw error;
    } finally {
      if (isOver) this.leave(chooser);
    }
    return isOver;
  }

  /** Takes a select out of the queue, if it is there. */
  leave(chooser: Chooser): void {
    const place = this.#waiting.indexOf(chooser);
    if (place === -1) return;
    this.#waiting.splice(place, 1);
    if (place === 0) this.#service.leaveQueue();
    this.#forget();
    if (this.isTaken) ringMyself(); // whoever was behind it looks again
  }

  /** Leaves the queue of several tasks while this thread sleeps for `target`; whoever waits here tries again after that. */
  giveWay(target: WaitTarget): void {
    const first = this.#waiting[0];
    if (target === this.#target || first === undefined || this.#hasGivenWay) return;
    if (this.#isServing) return; // it is inside, where another task would take the same item
    const isSelect = "attempt" in first;
    if (isSelect && first.blocks) return; // it is what the thread sleeps for
    this.#hasGivenWay = true;
    if (isSelect) this.#service.leaveQueue();
    else this.#withdraw(first, []); // what comes too late for that is for this turn, which waits on
    ringMyself();
  }

  #enter(waiting: T | Chooser): void {
    this.#waiting.push(waiting);
    parked.add(this as unknown as Turns<never>);
    onBlocking(giveWay);
  }

  #forget(): void {
    if (!this.isTaken) parked.delete(this as unknown as Turns<never>);
  }

  #serveUpTo(turn: T, blocks: boolean): boolean {
    while (!turn.isServed) {
      if (turn.refusal !== undefined) throw turn.refusal.error;
      const first = this.#waiting[0] ?? turn;
      this.#hasGivenWay = false;
      if (first !== turn) {
        if (!this.#serveOther(first, blocks)) return false;
      } else if (this.#serve(turn)) this.#served(turn);
      else return false;
    }
    return true;
  }

  #serveBefore(chooser: Chooser): boolean {
    for (;;) {
      const first = this.#waiting[0] ?? chooser;
      this.#hasGivenWay = false;
      if (first === chooser) return true;
      if (!this.#serveOther(first, chooser.blocks)) return false;
    }
  }

  /** One that stands in front. What it throws is said to itself alone: its handle may be closed, and the next one's not. */
  #serveOther(first: T | Chooser, blocks: boolean): boolean {
    if ("attempt" in first) {
      if (!blocks || !first.attempt()) return false;
    } else {
      try {
        if (!this.#serve(first)) return false;
        this.#served(first);
      } catch (error) {
        if (isOnItsWay(error)) return false; // it is told when it tries by itself
        first.refusal = { error };
        this.#giveUp(first);
      }
    }
    ringMyself(); // whoever waits for that one looks again
    return true;
  }

  #serve(turn: T): boolean {
    return this.#whileServing(() => this.#service.serve(turn));
  }

  #whileServing(act: () => boolean): boolean {
    this.#isServing = true;
    try {
      return act();
    } finally {
      this.#isServing = false;
    }
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
    const place = this.#waiting.indexOf(turn);
    if (place < 0) return; // by somebody behind it already
    const behind = this.#waiting.filter((other) => other !== turn && !("attempt" in other)) as T[];
    if (place === 0 && this.#withdraw(turn, behind)) return;
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    if (place === 0 && this.isTaken) ringMyself(); // the next one sits down in its place
  }

  /** The first turn leaves the queue of several tasks. True if it came too late, since it has been served. */
  #withdraw(turn: T, behind: readonly T[]): boolean {
    const served = this.#service.leave(turn, behind);
    if (served !== undefined) this.#served(served);
    return served === turn;
  }
}

function giveWay(target: WaitTarget): void {
  for (const turns of parked) turns.giveWay(target);
}
