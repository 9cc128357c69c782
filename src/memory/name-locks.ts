/**
 * What locked names hold in place, as far as only this thread knows it: namespaces that were never sent are in no
 * directory, so the reaper cannot tell. Of all others it does (task/directory.ts).
 */
import { QuipeError } from "../errors.ts";

/** A namespace that may be known to this thread only. */
export interface NameLocks {
  /** Whether other tasks can know of it; then the reaper does. */
  readonly isPublished: boolean;
  /** The locked names that hold region `id` in place, in words. */
  lockedNamesOf(id: number): readonly string[];
}

let known: WeakRef<NameLocks>[] = [];
/** With so many it is worth looking which of them are still of use. */
let mostKnown = 64;

function forgetOthers(): void {
  known = known.filter((weak) => weak.deref()?.isPublished === false);
  mostKnown = Math.max(64, known.length * 2);
}

/** Notes a new namespace of this thread. */
export function noteNameLocks(locks: NameLocks): void {
  if (known.length >= mostKnown) forgetOthers();
  known.push(new WeakRef(locks));
}

/** Throws `name-locked` if a name that only this thread knows holds region `id` in place. */
export function refuseLockedHere(id: number): void {
  if (known.length === 0) return;
  forgetOthers();
  refuseLocked(
    id,
    known.flatMap((weak) => weak.deref()?.lockedNamesOf(id) ?? []),
  );
}

/** Throws `name-locked` if there are any names that hold region `id` in place. */
export function refuseLocked(id: number, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new QuipeError(
    "name-locked",
    `Region ${id} is held in place by the locked name ${names.join(", ")}: it stays frozen, and where it is, until the creator of the namespace unlocks that.`,
  );
}
