/**
 * Requests of this thread for the locks of guards, and the order among them.
 *
 * A task has one seat in the queue of a guard, so of its requests one claims the seat and the others wait behind
 * it. A request that blocks the thread goes first: those that wait without blocking cannot go on before the
 * thread does. They step back, which costs nothing, as they have done nothing yet: a request runs its function the
 * moment it has all its locks. For the same reason all of them leave their queues while the thread sleeps for
 * anything else: whom it sleeps for may be behind it.
 */
import { BlockedOn, ring } from "../sync/board.ts";
import { NotBegun } from "../sync/on-its-way.ts";
import { thisThread } from "../sync/thread.ts";
import {
  type WaitOptions,
  type WaitTarget,
  block as blockThread,
  onBlocking,
  park,
} from "../sync/wait.ts";
import type { Claim, GuardBlock } from "./guard-block.ts";
import { giveUp, tryExclusive, tryShared } from "./guard-lock.ts";
import { type InsideFunction, readOne, runUpdate } from "./update.ts";

/** What is asked of some guards: sorted by number, so that nobody waits for one that waits for him. */
export interface Wish {
  readonly blocks: readonly GuardBlock[];
  readonly isUpdate: boolean;
  readonly fn: InsideFunction;
}

/** The requests of this thread that wait without blocking it. */
const parked = new Set<Request>();

class Request implements Claim {
  readonly #wish: Wish;
  readonly goesFirst: boolean;
  /** How many of the locks it has. */
  #locked = 0;
  #outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;

  constructor(wish: Wish, goesFirst: boolean) {
    for (const block of wish.blocks) block.assertHere();
    this.#wish = wish;
    this.goesFirst = goesFirst;
  }

  /** Gets as far as it can; true once the function has run. */
  readonly attempt = (): boolean => {
    const { blocks } = this.#wish;
    for (; this.#locked < blocks.length; this.#locked++) {
      if (!this.#lock(blocks[this.#locked] as GuardBlock)) return false;
    }
    for (const block of blocks) block.claim = undefined;
    this.#locked = 0;
    this.#run();
    return true;
  };

  /** What the function returned; throws what it threw. */
  get result(): unknown {
    const outcome = this.#outcome;
    if (outcome !== undefined && "error" in outcome) throw outcome.error;
    return outcome?.value;
  }

  /** To be called before the first attempt of one that does not go first. */
  begin(): void {
    parked.add(this);
    onBlocking(giveWay);
  }

  /** Waits no more. */
  leave(): void {
    parked.delete(this);
    this.stepBack();
    if (!this.goesFirst) wakeParked();
  }

  stepBack(): boolean {
    const { board, task } = thisThread();
    const claimed = this.#wish.blocks.filter(({ claim }) => claim === this);
    this.#locked = 0;
    for (const block of claimed) {
      block.claim = undefined;
      giveUp(block.words, board, task.slot);
    }
    return claimed.length > 0;
  }

  #lock(block: GuardBlock): boolean {
    if (block.claim !== undefined && block.claim !== this) {
      // Two of one select go first: they would push each other back for ever.
      if (!this.goesFirst || block.claim.goesFirst) return false;
      block.claim.stepBack();
    }
    block.claim = this;
    return tryLock(block, this.#wish.isUpdate);
  }

  #run(): void {
    try {
      this.#outcome = { value: run(this.#wish) };
    } catch (error) {
      if (error instanceof NotBegun) throw error; // the wait goes on, without the locks
      this.#outcome = { error };
    }
  }
}

/** A read that is tried by whoever waits for other things as well. */
export type ReadRequest = Pick<Request, "attempt" | "result" | "leave">;

/** Begins such a read; `goesFirst` if the thread sleeps between the attempts. To be left in any case. */
export function requestRead(
  block: GuardBlock,
  fn: InsideFunction,
  goesFirst: boolean,
): ReadRequest {
  const request = new Request({ blocks: [block], isUpdate: false, fn }, goesFirst);
  if (!goesFirst) request.begin();
  return request;
}

/** Gets the lock of a guard at once if nobody is in the way; who does must run his function at once, too. */
export function tryAtOnce(block: GuardBlock, isUpdate: boolean): boolean {
  block.assertHere();
  return block.claim === undefined && parked.size === 0 && tryLock(block, isUpdate);
}

function tryLock({ words }: GuardBlock, isUpdate: boolean): boolean {
  const { board, task } = thisThread();
  return isUpdate ? tryExclusive(words, task.slot) : tryShared(words, board, task.slot);
}

/** Does it in its turn, without blocking the thread. Rejects what the function throws, and what `park` rejects. */
export async function doLater(wish: Wish, options: WaitOptions | undefined): Promise<unknown> {
  const request = new Request(wish, false);
  request.begin();
  try {
    await park(request.attempt, targetOf(wish), options);
  } finally {
    request.leave();
  }
  return request.result;
}

/** Does it in its turn, and blocks the thread until then. Throws what the function throws, and what `block` throws. */
export function doBlocking(wish: Wish, options: WaitOptions | undefined): unknown {
  const request = new Request(wish, true);
  try {
    blockThread(request.attempt, targetOf(wish), options);
  } finally {
    request.leave();
  }
  return request.result;
}

function run({ blocks, isUpdate, fn }: Wish): unknown {
  try {
    return isUpdate ? runUpdate(blocks, fn) : readOne(blocks[0] as GuardBlock, fn);
  } finally {
    wakeParked();
  }
}

/** Leaves the queues until the thread is awake again. */
function giveWay(): void {
  let hasLeft = false;
  for (const request of parked) hasLeft = request.stepBack() || hasLeft;
  if (hasLeft) wakeParked(); // they hear it once the thread is awake
}

/** The requests of this thread look again: nobody else wakes them when this thread has let go of a guard. */
function wakeParked(): void {
  if (parked.size === 0) return;
  const { board, task } = thisThread();
  ring(board, task.slot);
}

function targetOf({ blocks }: Wish): WaitTarget {
  const which = blocks.map(({ id }) => id).join(" and ");
  return { code: BlockedOn.guard, text: `guard ${which}, which other tasks hold` };
}
