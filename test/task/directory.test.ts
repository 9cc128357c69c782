/** Which buffers the directory keeps. Its sweep against tasks that run on is explored in test/model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER, PIN_WORDS, STATE } from "../../src/memory/layout.ts";
import { ownerWordOf } from "../../src/memory/titles.ts";
import { createBoard } from "../../src/sync/board.ts";
import { Directory } from "../../src/task/directory.ts";

const ID = 7;

function directoryWith(state: number): Directory {
  const buffer = new SharedArrayBuffer((HEADER.PINS + PIN_WORDS) * 4);
  const words = new Int32Array(buffer);
  words[HEADER.STATE] = state;
  words[HEADER.OWNER] = ownerWordOf({ slot: 2, generation: 1 });
  const directory = new Directory(createBoard(), () => []);
  for (const slot of [1, 2])
    directory.publish({ id: ID, buffer, holding: "pins", carries: [] }, slot);
  return directory;
}

test("a region that nobody has claimed is kept while any task that had it has a view of it", () => {
  for (const state of [STATE.IN_FLIGHT, STATE.ABANDONED]) {
    const directory = directoryWith(state);
    directory.unused(ID, 2);
    directory.sweep();
    assert.equal(directory.size, 1, "its owner has no view, but the heir of that has one");
    directory.unused(ID, 1);
    directory.sweep();
    assert.equal(directory.size, 0);
  }
});

test("an owned region is kept by its owner's pin alone", () => {
  const directory = directoryWith(STATE.OWNED);
  directory.unused(ID, 2);
  directory.sweep();
  assert.equal(directory.size, 0);
});

test("a released region is forgotten at once", () => {
  const directory = directoryWith(STATE.RELEASED);
  directory.released(ID);
  assert.equal(directory.size, 0);
});
