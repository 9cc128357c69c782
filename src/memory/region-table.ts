/** The regions that this thread's task has opened, by number: one Region object for each. */
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

/** Takes every region out of the table: this thread's next task meets each of them anew. */
export function forgetRegions(): void {
  regions.clear();
}
