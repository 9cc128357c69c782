/**
 * `freeze`: from here on nobody writes, and every task may read by reference.
 */
import { nextBufferId } from "../sync/buffers.ts";
import type { Frozen } from "./frozen.ts";
import { type Location, locate } from "./location.ts";
import { createRegion } from "./region.ts";
import { rootOf, viewAt } from "./views.ts";

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
 * Throws a {@link QuipeError} `not-shareable` with the path to what cannot be shared, such as a function;
 * nothing has changed then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze } from "quipe";
 *
 * const places = freeze({ oslo: { people: 700_000 }, list: ["a", "b"] });
 * assert.equal(places.oslo.people, 700_000);
 * assert.deepEqual({ ...places.oslo }, { people: 700_000 });
 * assert.throws(() => Object.assign(places.oslo, { people: 1 }), TypeError);
 * ```
 */
export function freeze<T>(value: T): Frozen<T> {
  if (typeof value !== "object" || value === null) return value as Frozen<T>;
  const location = locate(value);
  if (location !== undefined) return freezeInPlace(location) as Frozen<T>;
  return rootOf(createRegion(value, nextBufferId())) as Frozen<T>;
}

function freezeInPlace({ region, address }: Location): unknown {
  if (region.isOwned) region.setFrozen();
  return viewAt(region, address);
}
