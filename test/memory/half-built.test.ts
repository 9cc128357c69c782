/** A list, Map or Set of which an element cannot be shown is not shown by half, also not when it is read again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { registerClass } from "../../src/memory/classes.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { spawn } from "../../src/task/spawn.ts";
import { Late, readLate } from "./late-class.ts";

test("what holds an instance of an unknown class is whole once the class is known, and fails until then", async () => {
  registerClass(Late);
  const list: unknown[] = [1];
  const map = new Map<string, unknown>([["list", list]]);
  const set = new Set<unknown>([map]);
  list.push([list, map], new Late(3), 4);
  map.set("map", map).set("set", set).set("late", new Late(5));
  const failed = ["unsupported", "unsupported", "unsupported"];
  assert.deepEqual(await spawn(readLate, [freeze({ list, map, set })]).result, {
    failures: [failed, failed],
    lengths: [4, 2, 4, 1],
    isSame: [true, true, true, true, true, true],
    areFrozen: true,
    numbers: [3, 5],
  });
});
