/** Booleans, of which one may lie in the head of its record, whatever else the record holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkRegion } from "../../src/memory/check.ts";
import { compactImage } from "../../src/memory/compact.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { FIELD, FLAG, HEADER, KIND_MASK, OBJECT, STATE } from "../../src/memory/layout.ts";
import { load } from "../../src/memory/load.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { Region } from "../../src/memory/region.ts";
import { save } from "../../src/memory/save.ts";
import { hold, scan } from "../../src/memory/scan.ts";
import { plain, share } from "../../src/memory/share.ts";
import { isTrue, layOut, withBoolean } from "../../src/memory/shapes.ts";
import { rootOf } from "../../src/memory/views.ts";
import { changed } from "./forged-image.ts";

/** Rows that differ in their booleans alone; the last of those lies in the head. */
function makeRows(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    isOdd: id % 2 === 1,
    name: `row ${id % 3}`,
    isThird: id % 3 === 0,
    price: id + 0.5,
    last: null,
  }));
}

function locationOf(view: unknown): Location {
  const location = locate(view as object);
  assert.ok(location !== undefined);
  return location;
}

test("a boolean lies in the head where that makes a record two words shorter", () => {
  const { INTEGER, NUMBER, BOOLEAN, STRING } = FIELD;
  const row = [INTEGER, STRING, STRING, NUMBER, INTEGER, BOOLEAN];
  assert.deepEqual(layOut(row, false), { offsets: [4, 5, 6, 2, 7, 0], words: 8 });
  assert.deepEqual(layOut(row, true), { offsets: [4, 5, 6, 2, 7, 8], words: 10 });
  assert.deepEqual(layOut([BOOLEAN], false), { offsets: [2], words: 4 });
  assert.deepEqual(layOut([BOOLEAN, INTEGER], false), { offsets: [2, 3], words: 4 });
  assert.deepEqual(layOut([BOOLEAN, BOOLEAN, STRING], false), { offsets: [2, 0, 3], words: 4 });
  assert.deepEqual(layOut([INTEGER, INTEGER, STRING], false), { offsets: [2, 3, 4], words: 6 });
});

test("what a boolean in the head says changes no other bit of it", () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (head, value) => {
      const changedHead = withBoolean(head, OBJECT.HEAD, value);
      assert.equal(isTrue(changedHead, OBJECT.HEAD), value);
      assert.equal((changedHead ^ head) & ~FLAG.TRUE, 0);
      assert.equal(isTrue(withBoolean(head, 5, value), 5), value);
    }),
  );
});

test("records with any booleans among their fields are equal to their plain twins, edited too", () => {
  const value = fc.oneof(fc.boolean(), fc.boolean(), fc.integer(), fc.double(), fc.constant("s"));
  const record = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e", "f"), value, {
    noNullPrototype: true,
  });
  const edits = fc.array(fc.tuple(fc.nat(5), fc.constantFrom("a", "b", "c", "d"), value));
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), edits, (records, changes) => {
      assert.deepStrictEqual(plain(freeze(records)), structuredClone(records));
      const twin = structuredClone(records);
      const draft = share(records);
      for (const [index, key, change] of changes) {
        (draft[index % draft.length] as Record<string, unknown>)[key] = change;
        (twin[index % twin.length] as Record<string, unknown>)[key] = change;
      }
      checkRegion(locationOf(draft).region);
      assert.deepStrictEqual(plain(freeze(draft)), plain(twin));
    }),
  );
});

test("rows that differ in booleans stay rows: scanned, saved, edited and compacted", async () => {
  const rows = makeRows(1_200);
  const frozen = freeze(rows);
  const { region, address } = locationOf(frozen);
  const head = region.words[address] as number;
  assert.equal(head & FLAG.ROWS, FLAG.ROWS);
  let index = 0;
  for (const row of scan(frozen)) {
    assert.equal(row["isThird"], rows[index]?.["isThird"]);
    assert.equal(row["isOdd"], rows[index]?.["isOdd"]);
    if (index === 3) assert.deepStrictEqual(hold(row), rows[3]);
    index++;
  }
  assert.deepStrictEqual(await load(await save(frozen)), rows);

  const draft = share(makeRows(1_200));
  for (const [i, row] of rows.entries()) {
    if (i % 5 !== 0) continue;
    row["isThird"] = !(row["isThird"] as boolean);
    (draft[i] as Record<string, unknown>)["isThird"] = row["isThird"];
  }
  (rows[7] as Record<string, unknown>)["more"] = true;
  (draft[7] as Record<string, unknown>)["more"] = true;
  const edited = locationOf(draft).region;
  checkRegion(edited);
  const image = compactImage(edited);
  const words = new Int32Array(new SharedArrayBuffer(image.words * 4));
  image.writeTo(words);
  words[HEADER.STATE] = STATE.FROZEN;
  const compact = new Region(words.buffer);
  checkRegion(compact);
  assert.deepStrictEqual(rootOf(compact), rows);
  assert.deepStrictEqual(freeze(draft), rows);
});

test("an image in which a record without such a boolean says that it is true is damaged", async () => {
  for (const count of [3, 500]) {
    const list = Array.from({ length: count }, (_, id) => ({ id, half: id + 0.5 }));
    const { address } = locationOf((await load<object[]>(await save(list)))[1]);
    const image = changed(await save(list), (words) => {
      assert.equal((words[address] as number) & KIND_MASK, 1);
      words[address] = (words[address] as number) | FLAG.TRUE;
    });
    await assert.rejects(load(image), { code: "damaged-image" });
  }
});
