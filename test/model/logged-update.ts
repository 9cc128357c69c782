/** What the programs about guards and about burials share: updates of single words, as an undo log sees them. */
import assert from "node:assert/strict";
import { UndoLog } from "../../src/memory/undo-log.ts";

/** The log of a guard, with an update of `region` begun. */
export function logOf(guard: Int32Array, region: Int32Array): UndoLog {
  const log = new UndoLog({ words: guard, reserve: () => assert.fail("the log is too long") });
  log.begin(region);
  return log;
}

/** Adds one to a word in an update. */
export function addOne(log: UndoLog, region: Int32Array, place: number): void {
  log.touch(place, 1);
  region[place] = (region[place] as number) + 1;
}
