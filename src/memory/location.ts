/**
 * Says whether a JavaScript object is a view of shared memory, and of what.
 *
 * The codec of messages asks this of every object it meets, so for ordinary objects it is one test of
 * a private field.
 */
import { Stamp } from "./identity.ts";
import type { Address } from "./layout.ts";
import type { Region } from "./region.ts";

/** Where a view looks. */
export interface Location {
  readonly region: Region;
  readonly address: Address;
}

/** Where `value` looks if it is a view of a region: a frozen record, list, Proxy or struct; else undefined. */
export function locate(value: object): Location | undefined {
  const page = Stamp.pageOf(value);
  if (page === undefined || page.set.region.isStaging) return undefined;
  // Frozen records that were read before their region was edited and compacted are only values any more.
  if (page.set.moves !== page.set.region.moves) return undefined;
  return { region: page.set.region, address: Stamp.addressOf(value) };
}
