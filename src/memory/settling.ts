/**
 * When and how the owner of a region compacts it: at the end of an edit that took it over its limit, or when
 * the program asks for it.
 *
 *   edit ─▶ top > limit? ─▶ compact image in other memory ─▶ the region moves there ─▶ views follow
 *
 * It is the same region afterwards, with the same number and the same views: whoever holds a view holds on to
 * its object, also if nothing else leads to it. The end of an edit is the only moment at which no code of
 * quipe remembers an address but in places that follow: the stamps of views, what stands behind them
 * (`Follower`), and walks through Maps and scans, which know where to go on. Views of the frozen form are
 * dead while the region is owned, and remain so.
 *
 * A compaction copies what is live, and happens after edits took about as many words again, so an edit costs
 * a constant share of it. Nothing is written to the old memory: a failure for want of memory changes nothing.
 */
import { QuipeError } from "../errors.ts";
import { compactImage, type CompactImage } from "./compact.ts";
import type { Editor } from "./editor.ts";
import { forgetEditor, isBeingEdited } from "./editors.ts";
import { growableBuffer, limitFor, mostBytes, sizeFor } from "./growth.ts";
import { FollowerStamp, Stamp } from "./identity.ts";
import { HEADER, STATE } from "./layout.ts";
import { locate } from "./location.ts";
import { assertHere } from "./loss.ts";
import type { Region } from "./region.ts";
import { refuseEditing } from "./shared-maps.ts";

/** To be called at the end of each edit, when no addresses are remembered: compacts the region if it is time to. */
export function settle(editor: Editor): void {
  const { region } = editor;
  if (!isTimeToCompact(region) || !region.isOwned) return;
  try {
    compactOwned(region, true);
  } catch (error) {
    if (!isLackOfMemory(error)) throw error;
    postpone(region); // the edit itself has happened
  }
}

/** Whether a region has outgrown its limit. */
export function isTimeToCompact({ words }: Region): boolean {
  const limit = words[HEADER.LIMIT] as number;
  const top = words[HEADER.TOP] as number;
  return limit !== 0 && top > limit;
}

/**
 * Gives back the memory that edits of shared data have left unused. It happens by itself whenever an edit
 * finds that more than half of the memory may be unused, so this is for quiet moments: after much was deleted,
 * or before data that was edited is kept frozen for long.
 *
 * Takes a few per cent of the time that `structuredClone` of the data would take, and does not wait. Views
 * remain what they are: nothing changes but the memory that {@link describe} tells. Data that nothing leads to
 * any more, but that the program holds a view of, stays.
 *
 * Returns how many bytes were given back. Throws a {@link QuipeError}: `frozen` if the data is frozen,
 * `not-owner` for ordinary data, `moved` or `released` for what this task has lost, `out-of-memory` if there is none
 * to copy into; nothing has changed then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compact, describe, share } from "quipe";
 *
 * const draft = share({ words: Array.from({ length: 10_000 }, (_, i) => `word ${i}`) });
 * draft.words.length = 10;
 * assert.ok(compact(draft) > 100_000);
 * assert.ok((describe(draft).region?.bytes ?? 0) < 10_000);
 * ```
 */
export function compact(value: object): number {
  const location = typeof value === "object" && value !== null ? locate(value) : undefined;
  if (location === undefined) {
    throw new QuipeError(
      "not-owner",
      "Only shared data can be compacted; this is ordinary data, which is collected when nobody uses it.",
    );
  }
  const { region } = location;
  assertHere(region);
  if (region.state === STATE.GUARDED) {
    throw new QuipeError(
      "not-owner",
      `Region ${region.id} is guarded, and is compacted at the end of an update that finds it time to.`,
    );
  }
  if (!region.isOwned) refuseEditing(region);
  // A getter of what is being put in calls this: that edit comes first.
  if (isBeingEdited(region)) return 0;
  const before = region.buffer.byteLength;
  compactOwned(region, false);
  // What was frozen when it was made has no room to grow, and gets some.
  return Math.max(0, before - region.buffer.byteLength);
}

/** A region lies compactly in new memory. */
export interface Compacted {
  readonly buffer: SharedArrayBuffer;
  /** The numbers of the regions that it refers to. */
  readonly references: ReadonlySet<number>;
}

/** Copies a region compactly into new memory, to which it may move; undefined if there is none to be had. */
export function compacted(region: Region): Compacted | undefined {
  try {
    const image = compactImage(region, { keepsRoom: true });
    return { buffer: memoryFor(image, true), references: image.references };
  } catch (error) {
    if (!isLackOfMemory(error)) throw error;
    postpone(region);
    return undefined;
  }
}

/** The next attempt to compact comes after half as much again. */
function postpone({ words }: Region): void {
  words[HEADER.LIMIT] = Math.ceil((words[HEADER.TOP] as number) * 1.5);
}

/** Moves a region that this task owns into memory that holds only what is live. */
function compactOwned(region: Region, keepsRoom: boolean): void {
  const held = region.edited.held();
  const addresses = held.map((view) => Stamp.addressOf(view));
  const image = compactImage(region, { extraRoots: addresses, keepsRoom });
  const buffer = memoryFor(image, keepsRoom);
  for (const view of held) FollowerStamp.of(view)?.prepare?.();
  forgetEditor(region);
  region.rehouse(buffer, image.references);
  region.edited.follow(
    held,
    addresses.map((address) => image.addressOf(address)),
  );
}

/** Memory with the image in it, as small as can be or with room to grow. */
function memoryFor(image: CompactImage, hasRoom: boolean): SharedArrayBuffer {
  const limit = limitFor(image.words - image.roomWords);
  const bytes = sizeFor(image.words, hasRoom ? limit : image.words);
  const buffer = growableBuffer(bytes, hasRoom ? mostBytes(limit) : bytes);
  const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  image.writeTo(words);
  words[HEADER.LIMIT] = limit;
  return buffer;
}

function isLackOfMemory(error: unknown): boolean {
  return (
    error instanceof RangeError || (error instanceof QuipeError && error.code === "out-of-memory")
  );
}
