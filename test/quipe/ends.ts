/** Both ends of fresh quipes, held by the calling thread, and what tests ask of their answers. */
import assert from "node:assert/strict";
import { type QuipeErrorCode, QuipeError } from "../../src/errors.ts";
import type { End } from "../../src/quipe/end.ts";
import { openEnd } from "../../src/quipe/sides.ts";
import { checkLane } from "../../src/quipe/lane-contents.ts";
import { countHandles, takeHandle } from "../../src/quipe/handles.ts";
import { QuipeMemory, type QuipeSize, createQuipe, lanesOf } from "../../src/quipe/quipe-memory.ts";

/** The two ends of one quipe. */
export type Ends = readonly [End, End];

let made: SharedArrayBuffer[] = [];

/** The ends of a fresh quipe. */
export function ends(size?: QuipeSize): Ends {
  return endsOf(createQuipe(size));
}

/** The ends of a quipe that the test has made itself. */
export function endsOf(quipe: SharedArrayBuffer): Ends {
  made.push(quipe);
  const memory = new QuipeMemory(quipe);
  for (const side of [0, 1] as const) {
    if (countHandles(memory, side).senders === 0) takeHandle(memory, side, 0);
  }
  return [openEnd(quipe, 0), openEnd(quipe, 1)];
}

/** Asserts that the lanes of every quipe made so far add up, and forgets them. */
export function checkLanes(): void {
  for (const quipe of made) for (const lane of lanesOf(quipe)) checkLane(lane);
  made = [];
}

/** For `assert.rejects` and `assert.throws`: a QuipeError with this code. */
export function hasCode(code: QuipeErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof QuipeError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** Everything that can still be received. */
export async function rest(end: End): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of end) items.push(item);
  return items;
}
