/** `scan` walks records with one cursor; `hold` gives the record. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { hold, scan } from "../../src/memory/scan.ts";
import { share } from "../../src/memory/share.ts";

interface Row {
  id: number;
  name: string;
  price: number;
  open: boolean;
  note: string | null;
  tag: unknown;
  inner: { x: number };
}

function rows(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `row ${id}`,
    price: id / 4,
    open: id % 2 === 0,
    note: id % 3 === 0 ? null : "note",
    tag: id % 5 === 0 ? undefined : id,
    inner: { x: id },
  }));
}

test("a cursor shows every field of every row, and hold gives the very record", () => {
  const twin = rows(3_000);
  const list = freeze(twin);
  let index = 0;
  for (const row of scan(list)) {
    const { id, name, price, open, note, tag, inner } = row;
    assert.deepStrictEqual({ id, name, price, open, note, tag, inner }, twin[index]);
    assert.equal(hold(row), list[index]);
    assert.equal(JSON.stringify(row), JSON.stringify(twin[index]));
    index++;
  }
  assert.equal(index, twin.length);
});

test("one cursor is reused, and a list can be scanned twice", () => {
  const twin = rows(100);
  const steps = scan(freeze(twin));
  assert.equal(new Set(steps).size, 1);
  const ids = Array.from(steps, (row) => row.id);
  assert.deepStrictEqual(ids, [...twin.keys()]);
});

test("a cursor that is copied by its keys is refused or says so, and is never empty", () => {
  for (const row of scan(freeze(rows(1)))) {
    assert.match(Object.keys(row).join(), /^fields of a cursor .* hold\(cursor\)$/);
    assert.throws(() => structuredClone(row), { name: "DataCloneError" });
    assert.throws(() => JSON.stringify({ ...row }), { code: "not-sendable" });
  }
});

test("records of several shapes, other elements and ordinary lists are scanned as well", () => {
  const twin: unknown[] = [{ a: 1 }, { b: "two" }, { a: "three" }, [4], { a: 5 }];
  const seen = Array.from(scan(freeze(twin)), (element) =>
    structuredClone(hold(element as object)),
  );
  assert.deepStrictEqual(seen, twin);
  assert.deepStrictEqual([...scan(freeze([1, "a", null]))], [1, "a", null]);
  assert.deepStrictEqual([...scan([{ a: 1 }])], [{ a: 1 }]);
});

test("rows that were edited before the freeze are scanned as they are now", () => {
  const draft = share(rows(20));
  (draft[3] as { name: unknown }).name = 3;
  draft.push(...rows(2));
  draft.splice(0, 1);
  const twin = rows(20);
  (twin[3] as { name: unknown }).name = 3;
  twin.push(...rows(2));
  twin.splice(0, 1);
  assert.deepStrictEqual(
    Array.from(scan(freeze(draft)), (row) => structuredClone(hold(row))),
    twin,
  );
});
