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

const SHAPES: readonly object[] = [{ a: 0 }, { b: 0 }, { c: 0 }, { d: 0 }, { e: 0 }, { f: 0 }];
const FIRST_LOOKS = 100;

/**
 * Makes {@link locate} quick for all objects. V8 tests for a private field four times as slowly at a place that has
 * met few shapes as at one that has met many; and a place must have been passed some times before that counts.
 */
export function expectAnyShape(): void {
  for (let i = 0; i < FIRST_LOOKS; i++) for (const shape of SHAPES) locate(shape);
}
