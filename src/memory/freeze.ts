/**
 * `freeze`: from here on nobody writes, and every task may read by reference. `freezeAll`: the same for
 * several things, of which all are frozen or none.
 */
import { QuipeError } from "../errors.ts";
import { nextBufferId } from "../sync/buffers.ts";
import type { Frozen } from "./frozen.ts";
import { STATE } from "./layout.ts";
import { type Location, locate } from "./location.ts";
import { checkFreezable, freezeForEver } from "./ownership.ts";
import { isPassedByValue } from "./refusals.ts";
import { createRegion, type FrozenState, type Region } from "./region.ts";
import type { Shareable } from "./shareable.ts";
import { rootOf, viewAt } from "./views.ts";

/** Options of {@link freeze} and {@link freezeAll}. */
export interface FreezeOptions {
  /** Nobody will ever be able to thaw the data, not even this task. */
  readonly forever?: boolean;
}

/**
 * Makes data unalterable, in every task and at once.
 *
 * Plain data is copied once into shared memory; what comes back *is* plain frozen data: keys, spread,
 * JSON, destructuring and deep equality behave, cycles and shared references are kept. Sending it to a
 * task sends a reference. Frozen data is returned as it is, primitives too.
 *
 * A write to a frozen record is refused by the language: a `TypeError` in strict code. Very long
 * arrays and objects with very many keys refuse it with a {@link QuipeError} `frozen`.
 *
 * Data that `share` gave is frozen where it is, as a whole, without a copy and in no time. The view it
 * was edited through goes on reading.
 *
 * With `forever` it can never be thawed again; frozen data of this task can be given that promise later, and
 * its readers notice nothing. What `load` opens is frozen for ever, too.
 *
 * Throws a {@link QuipeError} `not-shareable` with the path to what cannot be shared, such as a function, and
 * `not-owner` for data that another task is editing, or that is to be frozen for ever and belongs to another
 * task; nothing has changed then. Never waits. If the task dies, what it froze stays frozen and goes to the
 * task that spawned it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, thaw } from "quipe";
 *
 * const places = freeze({ oslo: { people: 700_000 }, list: ["a", "b"] });
 * assert.equal(places.oslo.people, 700_000);
 * assert.deepEqual({ ...places.oslo }, { people: 700_000 });
 * assert.throws(() => Object.assign(places.oslo, { people: 1 }), TypeError);
 *
 * freeze(places, { forever: true });
 * await assert.rejects(thaw(places), { code: "frozen" });
 * ```
 */
export function freeze<T>(value: Shareable<T>, options?: FreezeOptions): Frozen<T>;
export function freeze(value: unknown, options?: FreezeOptions): unknown {
  if (isPassedByValue(value)) return value;
  const state = wanted(options);
  const location = locate(value);
  if (location === undefined) {
    const region = createRegion(value, nextBufferId());
    setState(region, state);
    return rootOf(region);
  }
  checkFreezable(location.region, state);
  setState(location.region, state);
  return viewAt(location.region, location.address);
}

/**
 * Freezes several things, all or none: drafts that `share` gave, plain data, and what is frozen already. Plain
 * data may refer to the drafts beside it, which are not copied then.
 *
 * Everything is checked and copied first, and only then do the drafts change their states. Throws what
 * {@link freeze} throws, with the position of what is to blame, and then nothing has changed. Never waits. A task
 * that is killed in the middle leaves each draft either frozen or as it was; both go to its heir.
 *
 * Objects that two plain values have in common become two: put them into one, or into a draft, to keep them one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freezeAll, share } from "quipe";
 *
 * const towns = share([{ name: "Oslo" }, { name: "Narvik" }]);
 * const [list, index] = freezeAll([towns, { oslo: towns[0], narvik: towns[1] }]);
 * assert.equal(index.oslo, list[0]);
 * ```
 */
export function freezeAll<const T extends readonly unknown[]>(
  values: Shareable<T>,
  options?: FreezeOptions,
): FrozenAll<T>;
export function freezeAll(values: readonly unknown[], options?: FreezeOptions): unknown[] {
  const state = wanted(options);
  const locations = values.map((value, i) => blaming(i, () => freezable(value, state)));
  const drafts = new Set<Region>();
  for (const location of locations) if (location !== undefined) drafts.add(location.region);
  const made = values.map((value, i) => {
    if (isPassedByValue(value) || locations[i] !== undefined) return undefined;
    return blaming(i, () => createRegion(value, nextBufferId(), drafts));
  });
  for (const region of [...drafts, ...made]) if (region !== undefined) setState(region, state);
  return values.map((value, i) => {
    const region = made[i];
    if (region !== undefined) return rootOf(region);
    const location = locations[i];
    return location === undefined ? value : viewAt(location.region, location.address);
  });
}

/** What {@link freezeAll} gives: each in its place, in its deeply read-only form. */
export type FrozenAll<T extends readonly unknown[]> = {
  -readonly [Index in keyof T]: Frozen<T[Index]>;
};

function wanted(options: FreezeOptions | undefined): FrozenState {
  return options?.forever === true ? STATE.FROZEN_FOR_EVER : STATE.FROZEN;
}

function setState(region: Region, state: FrozenState): void {
  if (state === STATE.FROZEN_FOR_EVER) freezeForEver(region);
  else if (region.isOwned) region.setFrozen();
}

/** Where `value` is in shared memory, if it is there; throws if it cannot be frozen. */
function freezable(value: unknown, state: FrozenState): Location | undefined {
  const location = isPassedByValue(value) ? undefined : locate(value);
  if (location !== undefined) checkFreezable(location.region, state);
  return location;
}

/** Says in the error which of the values is to blame. */
function blaming<Result>(index: number, attempt: () => Result): Result {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof QuipeError)) throw error;
    throw new QuipeError(error.code, `values[${index}]: ${error.message}`, { cause: error });
  }
}
