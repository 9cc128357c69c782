/** Many small owned regions at once: a process has only so many memory mappings, so they must not take one each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { share } from "../../src/index.ts";

const DRAFTS = 70_000;

test(`${DRAFTS} drafts live at once, and each still holds what was put into it`, () => {
  const drafts = Array.from({ length: DRAFTS }, (_, id) => share({ id, list: [id] }));
  for (const draft of drafts) draft.list.push(draft.id + 1);
  assert.ok(drafts.every(({ id, list }) => list[0] === id && list[1] === id + 1));
});
