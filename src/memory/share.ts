/**
 * `share`: data in shared memory that its owner edits; `plain`: a copy out of it.
 */
import { nextBufferId } from "../sync/buffers.ts";
import type { Frozen } from "./frozen.ts";
import { locate } from "./location.ts";
import { copyOut, copyToShare } from "./copy-out.ts";
import { isPassedByValue } from "./refusals.ts";
import type { Shareable } from "./shareable.ts";
import { createOwned } from "./region.ts";
import { editableRoot } from "./views.ts";

/**
 * Copies plain data into shared memory, where this task owns it and may change it in place.
 *
 * What comes back is used like the data itself: read, assign, add and delete keys, `push`, `splice`. It is
 * meant for editing; `freeze` of it takes no time, copies nothing and gives the fast plain view. New
 * plain data may be put in, and is copied; what is already in the same shared data is linked.
 *
 * Shared data that this task already owns is returned as it is; frozen data is copied.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, share } from "quipe";
 *
 * const draft = share({ title: "towns", nodes: [{ name: "Oslo" }] });
 * draft.title = "cities";
 * draft.nodes.push({ name: "Narvik" });
 * const graph = freeze(draft);
 * assert.deepEqual(graph, { title: "cities", nodes: [{ name: "Oslo" }, { name: "Narvik" }] });
 * ```
 */
export function share<T>(value: Shareable<T>): T;
export function share(value: unknown): unknown {
  if (isPassedByValue(value)) return value;
  const location = locate(value);
  if (location?.region.isOwned === true) return value;
  const source = location === undefined ? value : (copyToShare(value) as object);
  return editableRoot(createOwned(source, nextBufferId()));
}

/**
 * A deep copy in ordinary memory of anything, shared or not: plain objects and arrays to do with as you
 * like. Cycles and shared references are kept.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, plain } from "quipe";
 *
 * const copy = plain<{ list: number[] }>(freeze({ list: [1, 2] }));
 * copy.list.push(3);
 * assert.deepEqual(copy, { list: [1, 2, 3] });
 * ```
 */
export function plain<T>(value: Frozen<T> | T): T {
  return copyOut(value) as T;
}

/**
 * Whether `value` lives in shared memory: a view of frozen data, or of data that this task edits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, isShared } from "quipe";
 *
 * assert.equal(isShared({ a: 1 }), false);
 * assert.equal(isShared(freeze({ a: 1 })), true);
 * ```
 */
export function isShared(value: unknown): boolean {
  return typeof value === "object" && value !== null && locate(value) !== undefined;
}

/**
 * Whether `value` is shared data that nobody may change at present.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, isFrozen, share } from "quipe";
 *
 * const draft = share({ a: 1 });
 * assert.equal(isFrozen(draft), false);
 * freeze(draft);
 * assert.equal(isFrozen(draft), true);
 * ```
 */
export function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return locate(value)?.region.isFrozen === true;
}
