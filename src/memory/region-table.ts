/** The regions, guards and other pinned memory that this thread's task has opened, by number: one object for each. */
import type { GuardBlock } from "./guard-block.ts";
import { load } from "../runtime/atomics.ts";
import type { Supplied } from "../sync/messages.ts";
import { HEADER, HEAP_START, STATE } from "./layout.ts";
import type { Region } from "./region.ts";

const regions = new Map<number, WeakRef<Region>>();
const guards = new Map<number, WeakRef<GuardBlock>>();
const others = new Map<number, WeakRef<object>>();

/** Enters a region. */
export function rememberRegion(region: Region): Region {
  regions.set(region.id, new WeakRef(region));
  return region;
}

/** The region with number `id` if this thread has opened it, still uses it, and has not lost it. */
export function knownRegion(id: number): Region | undefined {
  const region = regions.get(id)?.deref();
  return region?.loss === undefined ? region : undefined;
}

/** All of them. */
export function* knownRegions(): Iterable<Region> {
  for (const id of regions.keys()) {
    const region = knownRegion(id);
    if (region !== undefined) yield region;
  }
}

/**
 * Whether what this number names is here, with all that it leads to: this thread uses it, or was supplied with it as it was
 * published last. What was thawed, edited and frozen again may refer to more than it did.
 */
export function isHere(id: number, supply: Supplied | undefined): boolean {
  if ((knownRegion(id) ?? knownGuard(id) ?? knownOther(id)) !== undefined) return true;
  if (supply?.edition === undefined) return supply !== undefined;
  return load(new Int32Array(supply.buffer, 0, HEAP_START), HEADER.EDITION) <= supply.edition;
}

/** Whether anybody here still has a view of the region, be it one that reads nothing any more, or has the guard. */
export function isRemembered(id: number): boolean {
  return (regions.get(id) ?? guards.get(id) ?? others.get(id))?.deref() !== undefined;
}

/** Takes a region or guard out of the table that nobody uses any more. */
export function forgetRegion(id: number): void {
  regions.delete(id);
  guards.delete(id);
  others.delete(id);
}

/** Enters pinned memory of a kind that is not known here. */
export function rememberOther(id: number, object: object): void {
  others.set(id, new WeakRef(object));
}

/** What was entered with number `id` if this thread still uses it. */
export function knownOther(id: number): object | undefined {
  return others.get(id)?.deref();
}

/** Enters a guard. */
export function rememberGuard(guard: GuardBlock): GuardBlock {
  guards.set(guard.id, new WeakRef(guard));
  return guard;
}

/** The guard with number `id` if this thread has opened it and still uses it. */
export function knownGuard(id: number): GuardBlock | undefined {
  return guards.get(id)?.deref();
}

/** A region that this thread made or edited, still uses, and that refers to `region`. */
export function referrerHere(region: Region): Region | undefined {
  if (!region.isReferredTo) return undefined;
  for (const weak of regions.values()) {
    const other = weak.deref();
    if (other?.hasNeighbour(region) !== true || other.loss !== undefined) continue;
    if (other.state !== STATE.RELEASED) return other;
  }
  return undefined;
}

/** Empties the table: this thread's next task meets everything anew. */
export function forgetRegions(): void {
  regions.clear();
  guards.clear();
  others.clear();
}
