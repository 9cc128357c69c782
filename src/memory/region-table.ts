/** The regions that this thread's task has opened, by number: one Region object for each. */
import { STATE } from "./layout.ts";
import type { Region } from "./region.ts";

const regions = new Map<number, WeakRef<Region>>();

/** Enters a region. */
export function rememberRegion(region: Region): Region {
  regions.set(region.id, new WeakRef(region));
  return region;
}

/** The region with number `id` if this thread has opened it and still uses it. */
export function knownRegion(id: number): Region | undefined {
  return regions.get(id)?.deref();
}

/** A region that this thread made or edited, still uses, and that refers to `region`. */
export function referrerHere(region: Region): Region | undefined {
  if (!region.isReferredTo) return undefined;
  for (const weak of regions.values()) {
    const other = weak.deref();
    if (other?.hasNeighbour(region) === true && other.state !== STATE.RELEASED) return other;
  }
  return undefined;
}

/** Takes every region out of the table: this thread's next task meets each of them anew. */
export function forgetRegions(): void {
  regions.clear();
}
