/**
 * `select`: waits for several things at once, and does exactly one of them.
 *
 *   select({ a: end, b: task, c: after(9) }) ─▶ Selection ─ attempt ─▶ each case once, in random order
 *                                                  ▲          │  none: sleep until the doorbell rings
 *                                                  └──────────┘  one: the others leave
 *
 * Attempts happen on one thread one after the other, and the first that succeeds is the last: so one thing has happened,
 * and no second step is needed between threads. What an attempt in vain leaves behind is a place in a queue, which its
 * case gives up when it leaves, and an announcement, which costs a ring in vain at most. A task that dies in
 * between has done one of its cases or none, and its places are given up as those of any wait are.
 */
import { QuipeBug, given } from "../errors.ts";
import { nextTurn } from "../runtime/host.ts";
import { BlockedOn } from "../sync/board.ts";
import { type BufferOnItsWay, isOnItsWay } from "../sync/on-its-way.ts";
import { type Thread, thisThread } from "../sync/thread.ts";
import {
  type WaitOptions,
  type WaitTarget,
  block,
  park,
  throwIfGivenUp,
  throwIfStopped,
} from "../sync/wait.ts";
import { type Case, type Chooser, type Selectable, isSelectable } from "./case.ts";
import { PromiseCase, isPromise } from "./promise-case.ts";

/** The cases of a {@link select} by name. One that is undefined is never ready. */
export type Cases = Readonly<
  Record<string, Selectable<unknown> | PromiseLike<unknown> | undefined>
>;

/** What a case of a {@link select} gives when it is chosen. */
export type CaseValue<Of> =
  Of extends Selectable<infer Value>
    ? Value
    : Of extends PromiseLike<infer Value>
      ? Awaited<Value>
      : never;

/**
 * Which case of a {@link select} was chosen, and what it gave. If that is an error, reading `value` throws it, so it is
 * never taken for a value; `error` has it then.
 */
export type Chosen<Name, Value> =
  | { readonly case: Name; readonly value: Value; readonly error?: undefined }
  | { readonly case: Name; readonly value: never; readonly error: unknown };

/** The result of a {@link select}: one {@link Chosen} for each of its cases. */
export type Selected<Of extends Cases> = {
  [Name in keyof Of & string]: Chosen<Name, CaseValue<Exclude<Of[Name], undefined>>>;
}[keyof Of & string];

/** Options of {@link select}. */
export interface SelectOptions extends WaitOptions {
  /** Of several cases that are ready takes the first in the order in which they were written, instead of any. */
  readonly priority?: boolean | undefined;
}

/** After so many selects in a row without a wait, timers and sockets get their turn. */
const SELECTS_PER_TURN = 64;
/** How many that were, by thread. */
const inARow = new WeakMap<Thread, number>();

/**
 * Waits until one of several things is possible, does exactly that one, and says which: the others have had no effect.
 *
 * A case is an {@link End}, to receive from it; a {@link Task}, whose result it is; a promise; or what {@link after},
 * {@link sending} and {@link until} give. Among those that are ready any is taken, with equal chances, or with `priority`
 * the first. What is over is ready: a case on an end whose other side is gone, on a closed end or on a task that
 * failed yields that error as its result. The promise rejects for what concerns the select as a whole: `timed-out`,
 * `cancelled`, the signal's reason, and what no wait can mend, such as `not-sendable`. Then nothing was done.
 *
 * Throws `TypeError` for no case at all. A task that is named has been asked for its result, chosen or not, and a promise
 * that is named counts as handled.
 *
 * @example
 * ```ts
 * import { after, select, spawn } from "quipe";
 *
 * const worker = spawn(async () => {
 *   const { current } = await import("quipe");
 *   const end = current<string>().quipe;
 *   for (const word of ["one", "two"]) await end.send(word);
 *   return "done";
 * });
 * const late = after(60_000);
 * let isOver = false;
 * while (!isOver) {
 *   const next = await select({ word: worker.quipe, over: worker, late }, { priority: true });
 *   if (next.case === "over" || next.error !== undefined) isOver = true;
 *   else console.log(next.case, next.value);
 * }
 * // prints: word one
 * // prints: word two
 * console.log(await worker.result); // done
 * ```
 */
export async function select<Of extends Cases>(
  cases: Of,
  options: SelectOptions = {},
): Promise<Selected<Of>> {
  const selection = begin(cases, options, "waits");
  try {
    if (selection.hasPromises) await SETTLED; // what has settled before is known by then
    const waiting = park(selection.attempt, selection.target, options);
    const isOver = selection.isOver;
    await waiting;
    if (isOver) await giveOthersTheirTurn();
    else inARow.delete(thisThread());
  } catch (error) {
    if (!selection.isOver) throw selection.giveUp(error);
  }
  return selection.result as Selected<Of>;
}

/**
 * As {@link select}, and blocks the thread while it waits. Promises cannot be cases, since none settles meanwhile. Throws
 * what {@link select} rejects, and `cannot-block` where the thread must not.
 *
 * @example
 * ```ts
 * import { after, selectSync, spawn } from "quipe";
 *
 * const sum = spawn((a: number, b: number) => a + b, [2, 3]);
 * const chosen = selectSync({ sum, late: after(60_000) });
 * console.log(chosen.case, chosen.value); // sum 5
 * ```
 */
export function selectSync<Of extends Cases>(cases: Of, options: SelectOptions = {}): Selected<Of> {
  const selection = begin(cases, options, "blocks");
  try {
    block(selection.attempt, selection.target, options);
  } catch (error) {
    if (!selection.isOver) throw selection.giveUp(error);
  }
  return selection.result as Selected<Of>;
}

/**
 * As {@link select}, and never waits: undefined if no case is ready now. Promises cannot be cases.
 *
 * @example
 * ```ts
 * import { after, trySelect } from "quipe";
 *
 * console.log(trySelect({ later: after(60_000) })); // undefined
 * console.log(trySelect({ later: after(60_000), now: after(0) })?.case); // now
 * ```
 */
export function trySelect<Of extends Cases>(
  cases: Of,
  options: Pick<SelectOptions, "priority"> = {},
): Selected<Of> | undefined {
  const selection = new Selection(cases, options, "tries");
  try {
    if (selection.attempt()) return selection.result as Selected<Of>;
  } catch (error) {
    throw selection.giveUp(error);
  }
  selection.giveUp(undefined);
  return undefined;
}

const SETTLED = Promise.resolve();

/** How a selection goes on when no case is ready. */
type Manner = "waits" | "blocks" | "tries";

function begin(cases: Cases, options: SelectOptions, manner: Manner): Selection {
  throwIfGivenUp(options);
  throwIfStopped();
  return new Selection(cases, options, manner);
}

async function giveOthersTheirTurn(): Promise<void> {
  const thread = thisThread();
  const count = (inARow.get(thread) ?? 0) + 1;
  inARow.set(thread, count % SELECTS_PER_TURN);
  if (count === SELECTS_PER_TURN) await nextTurn();
}

interface Named {
  readonly name: string;
  readonly of: Case<unknown>;
}

/** One select that is going on. */
class Selection implements Chooser {
  readonly blocks: boolean;
  readonly hasPromises: boolean;
  readonly #isRandom: boolean;
  readonly #cases: Named[] = [];
  #isTrying = false;
  #result: Chosen<string, unknown> | undefined;

  constructor(cases: Cases, { priority = false }: SelectOptions, manner: Manner) {
    const named = namedCases(cases);
    this.blocks = manner === "blocks";
    this.#isRandom = !priority;
    this.hasPromises = named.some(([, of]) => !isSelectable(of));
    if (this.hasPromises && manner !== "waits") throw promiseRefused(manner);
    try {
      for (const [name, of] of named) {
        this.#cases.push({ name, of: isSelectable(of) ? of.asCase(this) : new PromiseCase(of) });
      }
    } catch (error) {
      throw this.giveUp(error);
    }
  }

  get target(): WaitTarget {
    const text = `one of these: ${this.#cases.map(({ name }) => name).join(", ")}`;
    const dueMs = Math.min(...this.#cases.map(({ of }) => of.dueMs ?? Infinity));
    return { code: BlockedOn.select, text, dueMs };
  }

  /** Whether a case was chosen; giving the select up comes too late then. */
  get isOver(): boolean {
    return this.#result !== undefined;
  }

  get result(): Chosen<string, unknown> {
    if (this.#result === undefined) throw new QuipeBug("a select has ended without a choice");
    return this.#result;
  }

  readonly attempt = (): boolean => {
    if (this.isOver) return true;
    if (this.#isTrying) return false; // a function of the caller's that an attempt runs waits for something itself
    this.#isTrying = true;
    try {
      return this.#tryAll();
    } finally {
      this.#isTrying = false;
    }
  };

  /** No case is chosen any more. Returns `error`. */
  giveUp(error: unknown): unknown {
    for (const { of } of this.#cases.splice(0)) of.leave();
    return error;
  }

  /** A case that needs shared memory which is on its way here is not possible now; only who blocks is told, as it never comes then. */
  #tryAll(): boolean {
    const count = this.#cases.length;
    let early: BufferOnItsWay | undefined;
    for (let i = 0; i < count; i++) {
      if (this.#isRandom) swap(this.#cases, i, i + Math.floor(Math.random() * (count - i)));
      const tried = this.#cases[i] as Named;
      try {
        this.#result = resultOf(tried);
      } catch (error) {
        if (!isOnItsWay(error)) throw error;
        early = error;
      }
      if (this.#result === undefined) continue;
      this.#cases.splice(i, 1);
      this.giveUp(undefined);
      return true;
    }
    if (early !== undefined && this.blocks) throw early;
    return false;
  }
}

/** Throws what says that the case has to wait for shared memory. */
function resultOf({ name, of }: Named): Chosen<string, unknown> | undefined {
  try {
    const done = of.attempt();
    return done && { case: name, value: done.value };
  } catch (error) {
    if (error instanceof QuipeBug || isOnItsWay(error)) throw error;
    return failed(name, error);
  }
}

/** Nothing that merely looks at all properties of it throws. */
function failed(name: string, error: unknown): Chosen<string, unknown> {
  const result = { case: name, error };
  Object.defineProperty(result, "value", {
    get() {
      throw error;
    },
  });
  return result as Chosen<string, unknown>;
}

function namedCases(cases: Cases): [string, Selectable<unknown> | PromiseLike<unknown>][] {
  if (typeof cases !== "object" || cases === null) {
    throw new TypeError(`Expected an object of cases, got ${given(cases)}.`);
  }
  const named: [string, Selectable<unknown> | PromiseLike<unknown>][] = [];
  for (const [name, of] of Object.entries(cases)) {
    if (of === undefined) continue;
    if (!isSelectable(of) && !isPromise(of)) throw noCase(name, of);
    named.push([name, of]);
  }
  if (named.length > 0) return named;
  throw new TypeError("Expected at least one case to select from: without one this never ends.");
}

function noCase(name: string, value: unknown): TypeError {
  return new TypeError(
    `Expected case \`${name}\` to be an end, a task, a promise, or what after(), sending() or until() gives, got ${given(value)}.`,
  );
}

function promiseRefused(manner: Manner): TypeError {
  const name = manner === "blocks" ? "selectSync" : "trySelect";
  return new TypeError(
    `A promise cannot be a case of ${name}: whether it has settled is only known in a later turn. Use select with await.`,
  );
}

function swap(list: Named[], one: number, other: number): void {
  const named = list[one] as Named;
  list[one] = list[other] as Named;
  list[other] = named;
}
