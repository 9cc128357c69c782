/**
 * Locks on names: who has locked one knows what every task reads there, and the data that it is bound to stays frozen.
 *
 *   lock, unlock      some names         publish, reopen   all of them, and which there are
 */
import { QuipeError } from "../errors.ts";
import { regionBehind, encodeBound } from "./bindable.ts";
import type { Binding, BoundValue } from "./bindings.ts";
import { type Draft, assertCreator, change, pathTo } from "./draft.ts";
import { type NameOf, type Namespace, handleOf } from "./namespace.ts";
import { OUTDATED, type NamesBlock } from "./names-block.ts";
import { checkFreezable, thawNow } from "../memory/ownership.ts";
import { STATE } from "../memory/layout.ts";
import type { Region } from "../memory/region.ts";

/**
 * Locks names, all of those given or none: from here on nobody binds them otherwise or removes them, not even their
 * creator, until it unlocks them. What they are bound to stays frozen, too: to thaw, move or release it throws
 * `name-locked`. What is locked already stays so.
 *
 * Throws `not-creator` in any other task than the creator, `unbound-name`, `not-shareable` for data that was thawed since it
 * was bound, and then nothing has changed. Never waits for anybody: a change by another task either came before, and is
 * what is locked, or is refused.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, lock, namespace, tryThaw, unlock } from "quipe";
 *
 * const names = namespace({ list: freeze([1, 2]) });
 * lock(names, "list");
 * assert.throws(() => tryThaw(names.list), { code: "name-locked" });
 * unlock(names, "list");
 * assert.equal(tryThaw(names.list).length, 2);
 * ```
 */
export function lock<T extends object>(names: Namespace<T>, ...which: NameOf<T>[]): void {
  setLocks(names, which, true);
}

/**
 * Unlocks names, all of those given or none; others stay locked. What was not locked stays as it is. Throws
 * `not-creator` and `unbound-name`.
 *
 * @example
 * ```ts
 * import { isLocked, lock, namespace, unlock } from "quipe";
 *
 * const names = namespace({ a: 1, b: 2 });
 * lock(names, "a", "b");
 * unlock(names, "a");
 * names.a = 3;
 * console.log(isLocked(names, "a"), isLocked(names, "b")); // false true
 * ```
 */
export function unlock<T extends object>(names: Namespace<T>, ...which: NameOf<T>[]): void {
  setLocks(names, which, false);
}

/**
 * Whether a name is locked, here or in the parent that it is read from. Throws `unbound-name`.
 *
 * @example
 * ```ts
 * import { isLocked, namespace, publish } from "quipe";
 *
 * const names = namespace({ rate: 2 });
 * publish(names);
 * console.log(isLocked(names, "rate")); // true
 * ```
 */
export function isLocked<T extends object>(names: Namespace<T>, name: NameOf<T>): boolean {
  const { block } = handleOf(names);
  const found = block.find(name);
  if (found === undefined) throw block.unbound(name);
  return found.block.isLocked(found.binding);
}

/**
 * Makes a namespace a constant for every task: what its names are bound to is frozen, if this task has thawed it since,
 * every name is locked, and no name can be added or removed until {@link reopen}. All of that, or nothing. A parent is not
 * touched.
 *
 * Throws `not-creator`, and `not-owner` or `stale` for what another task has thawed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, namespace, publish } from "quipe";
 *
 * const names = namespace({ towns: freeze(["Oslo"]), rate: 2 });
 * publish(names);
 * assert.throws(() => (names.rate = 3), { code: "name-locked" });
 * assert.throws(() => Object.assign(names, { more: 1 }), { code: "name-locked" });
 * ```
 */
export function publish<T extends object>(names: Namespace<T>): void {
  const handle = handleOf(names);
  const { block } = handle;
  const frozen = new Set<Region>();
  try {
    change(handle, (draft) => {
      assertCreator(handle, "publish its names");
      for (const region of thawedRegions(block, draft)) {
        region.setFrozen();
        frozen.add(region);
      }
      for (const name of draft.bindings.keys()) lockOne(block, draft, name);
      draft.setSealed(true);
    });
  } catch (error) {
    for (const region of frozen) thawNow(region);
    throw error;
  }
}

/**
 * Undoes {@link publish} in one step: unlocks every name, and lets names be added and removed. What they are bound to
 * stays frozen until it is thawed. Throws `not-creator`.
 *
 * @example
 * ```ts
 * import { namespace, publish, reopen } from "quipe";
 *
 * const names = namespace({ rate: 2 });
 * publish(names);
 * reopen(names);
 * names.rate = 3;
 * console.log(names.rate); // 3
 * ```
 */
export function reopen<T extends object>(names: Namespace<T>): void {
  const handle = handleOf(names);
  change(handle, (draft) => {
    assertCreator(handle, "reopen it");
    for (const name of draft.bindings.keys()) draft.setLock(name, false);
    draft.setSealed(false);
  });
}

/**
 * Makes this task the creator of a namespace that was left to it, because its creator has ended and this is its heir: the
 * task that spawned it. Every name in it stays locked until it is unlocked. Does nothing if this task is the creator
 * already; throws `not-creator` if it is not the heir, or the creator lives.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adopt, namespace, spawn, unlock } from "quipe";
 *
 * const made = spawn(async () => (await import("quipe")).namespace({ rate: 2 }));
 * const names = await made.result;
 * assert.throws(() => (names.rate = 3), { code: "name-locked" });
 * adopt(names);
 * unlock(names, "rate");
 * names.rate = 3;
 * ```
 */
export function adopt<T extends object>(names: Namespace<T>): void {
  const handle = handleOf(names);
  const { block } = handle;
  change(handle, (draft) => {
    if (!block.isMine) {
      const why = block.isOrphaned ? "It was left to another task" : "Its creator has not ended";
      throw new QuipeError("not-creator", `Namespace ${block.id} cannot be adopted here. ${why}.`);
    }
    if (!block.isOrphaned) return;
    for (const name of draft.bindings.keys()) draft.setLock(name, true);
    draft.isChanged = true;
  });
}

function setLocks(names: object, which: readonly string[], locking: boolean): void {
  const handle = handleOf(names);
  if (which.length === 0) {
    throw new TypeError(
      'Expected names to lock or unlock: lock(names, "x"). publish(names) and reopen(names) do it with all of them.',
    );
  }
  change(handle, (draft) => {
    assertCreator(handle, locking ? "lock its names" : "unlock its names");
    for (const name of which) {
      if (locking) lockOne(handle.block, draft, name);
      else draft.setLock(name, false);
    }
  });
}

/** Data of this task is bound anew as it is now; that of others is held by this task while it is being locked. */
function lockOne(block: NamesBlock, draft: Draft, name: string): void {
  const present = draft.present(name);
  if (!present.isLocked) draft.setLock(name, true, frozenValue(block, present));
}

function frozenValue(block: NamesBlock, binding: Binding): BoundValue | undefined {
  if (binding.id === 0) return undefined;
  const value = block.valueOf(binding);
  if (value === OUTDATED) return undefined; // then the draft is in vain, too
  return regionBehind(value) === undefined ? undefined : encodeBound(value, pathTo(binding.name));
}

/** What this task has thawed since it was bound. Throws if it cannot be frozen. */
function thawedRegions(block: NamesBlock, { bindings }: Draft): Region[] {
  const regions = [...bindings.values()].flatMap((binding) => {
    const value = binding.id === 0 ? undefined : block.valueOf(binding);
    return regionBehind(value) ?? [];
  });
  const thawed = regions.filter((region) => region.isOwned);
  for (const region of thawed) checkFreezable(region, STATE.FROZEN);
  return thawed;
}
