/**
 * Guards: shared data that many tasks may change, one at a time and as a whole.
 *
 *   guard(data) ─▶ Guard ─ send it ─▶ the same guard in every task
 *                   ├ update(fn)    alone; all of it happens, or nothing
 *                   ├ read(fn)      together with other readers
 *                   ├ until(pred)   when something holds
 *                   └ snapshot()    a frozen copy
 */
import { QuipeError } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { BlockedOn } from "../sync/board.ts";
import { nextBufferId } from "../sync/buffers.ts";
import {
  type WaitOptions,
  type WaitTarget,
  block,
  park,
  seemsFree,
  throwIfGivenUp,
  throwIfStopped,
} from "../sync/wait.ts";
import { NotBegun } from "../sync/on-its-way.ts";
import type { Frozen } from "./frozen.ts";
import { assertNotBeingEdited } from "./editors.ts";
import { type GuardBlock, createGuard } from "./guard-block.ts";
import { GUARD } from "./guard-layout.ts";
import { type Wish, doBlocking, doLater, tryAtOnce } from "./guard-request.ts";
import { hasChanged, refuseInside, watchGuard } from "./guard-watch.ts";
import { locate } from "./location.ts";
import { whyNotGuarded } from "./ownership.ts";
import { createCopy, createOwned } from "./region.ts";
import {
  type InsideFunction,
  isInside,
  isInsideAny,
  readOne,
  runNested,
  updateOne,
} from "./update.ts";
import { editableRoot, rootOf } from "./views.ts";

const CHANGE: WaitTarget = { code: BlockedOn.guard, text: "guarded data to change" };

/**
 * Shared data behind a lock that cannot be forgotten: it can be read and changed only by functions that are handed in.
 * Whoever has the guard may do so; it is sent by reference. {@link guard} makes one.
 *
 * Functions run at once, without `await`, and get views that are good until they return; used later, a view throws
 * `not-owner`. Tasks are served in the order in which they asked; readers share, and do not overtake a waiting
 * update. A task that dies inside an update leaves no trace of it, and holds nobody up.
 *
 * @example
 * ```ts
 * import { guard, spawn } from "quipe";
 *
 * const account = guard({ balance: 0 });
 * const deposit = (to: typeof account) => to.updateSync((it) => (it.balance += 10));
 * await Promise.all([1, 2, 3].map(() => spawn(deposit, [account]).result));
 * console.log(await account.read((it) => it.balance)); // 30
 * ```
 */
export class Guard<T = unknown> {
  readonly #block: GuardBlock;
  readonly #alone: readonly GuardBlock[];

  /** Guards come from {@link guard} and from messages; there is nothing to construct. */
  constructor(guarded: GuardBlock) {
    this.#block = guarded;
    this.#alone = [guarded];
    // Structured clone would make an empty object of this, silently; a function makes it fail.
    Object.defineProperty(this, ADVICE, { value: refuseClone, enumerable: true });
    handles.set(guarded, this);
  }

  /** What `value` is a handle of, if it is a guard. */
  static blockOf(value: object): GuardBlock | undefined {
    return #block in value ? value.#block : undefined;
  }

  /**
   * Changes the data. `fn` gets it to write to; when it returns, all that it did is visible at once, and its result
   * is the result. If it throws, nothing has happened, and the error is rejected. A function that returns a promise
   * is refused with a `TypeError`. Inside an update of the same guard this is a part of it.
   *
   * Waits its turn. Rejects `timed-out`, `cancelled`, the signal's reason, or `deadlock` inside another guard.
   *
   * @example
   * ```ts
   * import { guard } from "quipe";
   *
   * const stock = guard({ pears: 3 });
   * await stock.update((it) => {
   *   it.pears -= 1;
   * });
   * console.log(await stock.read((it) => it.pears)); // 2
   * ```
   */
  update<R>(fn: (data: T) => R, options?: WaitOptions): Promise<R> {
    return this.#later(true, fn, options) as Promise<R>;
  }

  /**
   * Like {@link update}, and blocks the thread while it waits its turn. Throws `cannot-block` where that is not
   * allowed and it would have to.
   */
  updateSync<R>(fn: (data: T) => R, options?: WaitOptions): R {
    return this.#now(true, fn, options) as R;
  }

  /** Reads the data, together with other readers. `fn` gets it and may not write; its result is the result. Waits and rejects as {@link update} does. */
  read<R>(fn: (data: Frozen<T>) => R, options?: WaitOptions): Promise<R> {
    return this.#later(false, fn, options) as Promise<R>;
  }

  /** Like {@link read}, and blocks the thread while it waits its turn. */
  readSync<R>(fn: (data: Frozen<T>) => R, options?: WaitOptions): R {
    return this.#now(false, fn, options) as R;
  }

  /**
   * Waits until `predicate` holds: it is asked at once, and again after each update by any task. Resolves with what it
   * returned. By the time the caller goes on, others may have changed the data: ask again inside `update`.
   *
   * @example
   * ```ts
   * import { guard } from "quipe";
   *
   * const door = guard({ open: false });
   * const opened = door.until((it) => it.open);
   * await door.update((it) => (it.open = true));
   * console.log(await opened); // true
   * ```
   */
  async until<R>(predicate: (data: Frozen<T>) => R, options?: WaitOptions): Promise<R> {
    refuseInside(this.#block);
    const left = deadline(options);
    const done = watchGuard(this.#block);
    try {
      for (;;) {
        const seen = load(this.#block.words, GUARD.CHANGES);
        const value = await this.read(predicate, left());
        if (value) return value;
        await park(() => hasChanged(this.#block, seen), CHANGE, left());
      }
    } finally {
      done();
    }
  }

  /** Like {@link until}, and blocks the thread while it waits. Throws `deadlock` inside a guard. */
  untilSync<R>(predicate: (data: Frozen<T>) => R, options?: WaitOptions): R {
    refuseInside(this.#block);
    const left = deadline(options);
    const done = watchGuard(this.#block);
    try {
      for (;;) {
        const seen = load(this.#block.words, GUARD.CHANGES);
        const value = this.readSync(predicate, left());
        if (value) return value;
        block(() => hasChanged(this.#block, seen), CHANGE, left());
      }
    } finally {
      done();
    }
  }

  /**
   * A frozen copy of the data as it is between two updates. It is this task's own, and goes to others by reference.
   * Waits and rejects as {@link read} does.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { guard } from "quipe";
   *
   * const list = guard([1, 2]);
   * const before = await list.snapshot();
   * await list.update((it) => it.push(3));
   * assert.deepEqual(before, [1, 2]);
   * ```
   */
  async snapshot(options?: WaitOptions): Promise<Frozen<T>> {
    return this.read(() => this.#frozenCopy(), options);
  }

  /** Like {@link snapshot}, and blocks the thread while it waits its turn. */
  snapshotSync(options?: WaitOptions): Frozen<T> {
    return this.readSync(() => this.#frozenCopy(), options);
  }

  /** Throws `not-sendable`: JSON of a guard would lose the data without a word. Use `snapshot`. */
  toJSON(): never {
    return refuseClone();
  }

  #frozenCopy(): Frozen<T> {
    return rootOf(createCopy(this.#block.region, nextBufferId())) as Frozen<T>;
  }

  async #later(isUpdate: boolean, fn: unknown, options: WaitOptions | undefined): Promise<unknown> {
    const call = checked(fn);
    try {
      if (this.#isFree(isUpdate, options)) return this.#run(isUpdate, call);
    } catch (error) {
      if (!(error instanceof NotBegun)) throw error;
    }
    return later({ blocks: this.#alone, isUpdate, fn: call }, options);
  }

  #now(isUpdate: boolean, fn: unknown, options: WaitOptions | undefined): unknown {
    const call = checked(fn);
    if (this.#isFree(isUpdate, options)) return this.#run(isUpdate, call);
    return blocking({ blocks: this.#alone, isUpdate, fn: call }, options);
  }

  /** Whether this thread has just got the lock, and need not wait. */
  #isFree(isUpdate: boolean, options: WaitOptions | undefined): boolean {
    if (options !== undefined || isInsideAny()) return false;
    if (!seemsFree()) throwIfStopped();
    return tryAtOnce(this.#block, isUpdate);
  }

  #run(isUpdate: boolean, fn: InsideFunction): unknown {
    return isUpdate ? updateOne(this.#block, fn) : readOne(this.#block, fn);
  }
}

const ADVICE = "guard: send it to a task; structuredClone and JSON cannot copy it";

function refuseClone(): never {
  throw new QuipeError("not-sendable", ADVICE);
}

const handles = new WeakMap<GuardBlock, Guard>();

/** The handle of a guard: the same one each time in one thread. */
export function handleOf(guarded: GuardBlock): Guard {
  return handles.get(guarded) ?? new Guard(guarded);
}

/**
 * Puts data behind a guard. Plain data is copied into shared memory; what `share` gave is guarded where it is, and
 * its old views are dead from then on. Never waits.
 *
 * Throws `not-shareable` with the path to what cannot be shared, `frozen` for frozen data, which has to be thawed first,
 * and `not-owner` for data of another task; nothing has changed then.
 *
 * @example
 * ```ts
 * import { guard } from "quipe";
 *
 * const counts = guard({ seen: 0 });
 * counts.updateSync((it) => {
 *   it.seen += 1;
 * });
 * console.log(counts.readSync((it) => it.seen)); // 1
 * ```
 */
export function guard<T extends object>(data: T): Guard<T> {
  if (typeof data !== "object" || data === null) {
    throw new TypeError(
      `Expected an object to guard, got ${data === null ? "null" : typeof data}.`,
    );
  }
  if (Guard.blockOf(data) !== undefined) return data as Guard<T>;
  const location = locate(data);
  if (location === undefined) {
    const region = createOwned(data, nextBufferId());
    return handleOf(createGuard(region, nextBufferId())) as Guard<T>;
  }
  const { region } = location;
  if (!region.isOwned) throw whyNotGuarded(region);
  assertNotBeingEdited(region);
  if (editableRoot(region) !== data) {
    throw new QuipeError(
      "not-shareable",
      `Region ${region.id} can only be guarded as a whole: pass what share() gave, not a part of it.`,
    );
  }
  return handleOf(createGuard(region, nextBufferId())) as Guard<T>;
}

/** A guard of anything, as {@link update} takes it. */
export type AnyGuard = Pick<Guard, "snapshotSync">;

/** What the functions given to {@link update} get: the data of each guard. */
export type Guarded<Guards extends readonly AnyGuard[]> = {
  -readonly [Index in keyof Guards]: Guards[Index] extends Guard<infer T> ? T : never;
};

/**
 * Changes the data of several guards at once: all of it happens, or nothing, also if this task is killed in the middle.
 * Tasks that name the same guards in another order do not wait for each other for ever. Otherwise like
 * {@link Guard.update}.
 *
 * @example
 * ```ts
 * import { guard, update } from "quipe";
 *
 * const from = guard({ balance: 10 });
 * const to = guard({ balance: 0 });
 * await update([from, to], (a, b) => {
 *   a.balance -= 4;
 *   b.balance += 4;
 * });
 * console.log(await to.read((it) => it.balance)); // 4
 * ```
 */
export function update<const Guards extends readonly AnyGuard[], R>(
  guards: Guards,
  fn: (...data: Guarded<Guards>) => R,
  options?: WaitOptions,
): Promise<R> {
  return later(wishOf(guards, fn), options) as Promise<R>;
}

/**
 * Like {@link update}, and blocks the thread while it waits its turn.
 *
 * @example
 * ```ts
 * import { guard, updateSync } from "quipe";
 *
 * const counts = guard({ seen: 1 });
 * const names = guard(["Oslo"]);
 * updateSync([counts, names], (count, list) => {
 *   list.push("Narvik");
 *   count.seen = list.length;
 * });
 * console.log(counts.readSync((it) => it.seen)); // 2
 * ```
 */
export function updateSync<const Guards extends readonly AnyGuard[], R>(
  guards: Guards,
  fn: (...data: Guarded<Guards>) => R,
  options?: WaitOptions,
): R {
  return blocking(wishOf(guards, fn), options) as R;
}

function wishOf(guards: readonly AnyGuard[], fn: unknown): Wish {
  const given = Array.isArray(guards) ? guards : [guards];
  const blocks = given.map((one: unknown) => {
    const found = typeof one === "object" && one !== null ? Guard.blockOf(one) : undefined;
    if (found === undefined) throw new TypeError("Expected guards: update([a, b], (a, b) => …).");
    return found;
  });
  if (blocks.length === 0) throw new TypeError("Expected at least one guard to update.");
  const sorted = [...new Set(blocks)].sort((one, other) => one.id - other.id);
  const call = checked(fn);
  return { blocks: sorted, isUpdate: true, fn: () => call(...blocks.map(({ root }) => root)) };
}

function checked(fn: unknown): InsideFunction {
  if (typeof fn !== "function") throw new TypeError(`Expected a function, got ${typeof fn}.`);
  return fn as InsideFunction;
}

async function later(wish: Wish, options: WaitOptions | undefined): Promise<unknown> {
  throwIfGivenUp(options);
  throwIfStopped();
  if (isInside(wish.blocks, wish.isUpdate)) return runNested(wish.blocks, wish.fn);
  return doLater(wish, options);
}

function blocking(wish: Wish, options: WaitOptions | undefined): unknown {
  throwIfGivenUp(options);
  throwIfStopped();
  if (isInside(wish.blocks, wish.isUpdate)) return runNested(wish.blocks, wish.fn);
  return doBlocking(wish, options);
}

/** What is left of the time that a wait in several parts may take. */
function deadline(options: WaitOptions | undefined): () => WaitOptions | undefined {
  const timeoutMs = options?.timeoutMs;
  if (timeoutMs === undefined) return () => options;
  const end = performance.now() + timeoutMs;
  return () => ({ ...options, timeoutMs: Math.max(0, end - performance.now()) });
}
