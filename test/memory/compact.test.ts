/** An owned region is compacted while it is edited, and its views follow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { registerClass } from "../../src/memory/classes.ts";
import { describe } from "../../src/memory/describe.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import type { Region } from "../../src/memory/region.ts";
import { hold, scan } from "../../src/memory/scan.ts";
import { compact } from "../../src/memory/settling.ts";
import { plain, share } from "../../src/memory/share.ts";
import { f64, str, struct } from "../../src/memory/structs.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { type Data, edit, start } from "./random-edits.ts";

function regionOf(view: object): Region {
  const location = locate(view);
  assert.ok(location !== undefined);
  return location.region;
}

function bytesOf(view: object): number {
  return describe(view).region?.bytes ?? 0;
}

/** Compacts the region of `view` and checks it. */
function compactWhole(view: object): void {
  const region = regionOf(view);
  const { id, moves } = region;
  compact(view);
  checkRegion(region);
  assert.equal(region.id, id);
  assert.equal(region.moves, moves + 1);
}

test("random edits give what they give on a plain twin, compacted after each step or by itself", () => {
  fc.assert(
    fc.property(start, fc.array(edit, { maxLength: 25 }), (data, steps) => {
      const twin = structuredClone(data);
      const draft: Data = share(structuredClone(data));
      const { record, list, map, set, rows } = draft;
      const [first] = rows;
      for (const { apply } of steps) {
        for (const each of [twin, draft]) apply(each);
        compactWhole(draft);
        assert.deepStrictEqual(plain(draft), twin);
      }
      for (const [key, view] of Object.entries<object>({ record, list, map, set, rows })) {
        assert.equal(draft[key as keyof Data], view);
        assert.deepStrictEqual(plain(view), twin[key as keyof Data]);
      }
      if (first !== undefined && rows.includes(first)) assert.equal(rows.indexOf(first), 0);
      assert.deepStrictEqual(freeze(draft), twin);
    }),
    { numRuns: 40 },
  );
});

test("edits by the thousand stay within twice what a fresh share takes, without being asked", () => {
  const make = (): Record<string, unknown>[] =>
    Array.from({ length: 3_000 }, (_, id) => ({ id, name: `row ${id}`, tags: ["a", `t${id}`] }));
  const draft = share(make());
  const most = 2 * bytesOf(share(make()));
  const region = regionOf(draft);
  for (let i = 0; i < 30_000; i++) {
    const id = (i * 7) % 3_000;
    if (i % 3 === 0) draft[id] = { id, name: `row ${id + i}`, tags: ["a", `t${id}`] };
    else if (i % 3 === 1) Object.assign(draft[id] as object, { name: `row ${id + i}` });
    else {
      draft.push({ id, name: `last ${i}`, tags: [] });
      draft.length -= 1;
    }
    assert.ok(bytesOf(draft) <= most, `${bytesOf(draft)} bytes after edit ${i}, ${most} at most`);
  }
  assert.ok(region.moves > 3);
  checkRegion(region);
  assert.equal(draft.length, 3_000);
  assert.ok(draft.every((row, id) => row["id"] === id));
});

class Point extends struct({ x: f64, name: str }) {}

class Town {
  name = "Oslo";
  at = { deep: ["here"] };
  describe(): string {
    return `${this.name} ${this.at.deep[0]}`;
  }
}

test("views of every kind are the same after a compaction and show the same objects", () => {
  registerClass(Point);
  registerClass(Town);
  const failure = Object.assign(new RangeError("far"), { at: { deep: [1] } });
  const draft = share({
    filler: ["x".repeat(1_000)] as unknown[],
    record: Object.fromEntries<unknown>([["a", 1]]),
    list: [1, 2, { three: 3 }] as unknown[],
    map: new Map<unknown, unknown>([["k", { v: 1 }]]),
    set: new Set(["s"]),
    point: new Point({ x: 1, name: "p" }),
    bytes: new Uint8Array([1, 2, 3]),
    date: new Date(5),
    failure,
    town: new Town(),
  });
  const { record, list, map, set, point, bytes, date, town } = draft;
  const error = draft.failure;
  const inner = map.get("k") as { v: number };
  const key = list[2] as object;
  map.set(key, "by object");
  draft.filler.length = 0;
  compactWhole(draft);
  assert.deepEqual(
    [
      draft.record,
      draft.list,
      draft.map,
      draft.set,
      draft.point,
      draft.bytes,
      draft.date,
      draft.town,
    ],
    [record, list, map, set, point, bytes, date, town],
  );
  assert.equal(draft.record, record);
  assert.equal(draft.map.get("k"), inner);
  assert.equal(map.get(key), "by object");
  record["b"] = { new: true };
  list.push(4);
  inner.v = 2;
  set.add("t");
  point.x = 3;
  point.name = "moved";
  assert.deepEqual(plain(record), { a: 1, b: { new: true } });
  assert.deepEqual(plain(list), [1, 2, { three: 3 }, 4]);
  assert.deepEqual([...set], ["s", "t"]);
  assert.deepEqual([point.x, point.name, draft.point.x], [3, "moved", 3]);
  assert.deepEqual([...(bytes as Uint8Array)], [1, 2, 3]);
  assert.equal(date.getTime(), 5);
  assert.equal(town.describe(), "Oslo here");
  assert.deepEqual(plain(error.at), { deep: [1] });
  checkRegion(regionOf(draft));
});

test("an object that only its view leads to is kept, and can be put back", () => {
  const draft = share({
    rows: [
      { id: 1, inner: { deep: [1] } },
      { id: 2, inner: { deep: [2] } },
    ],
  });
  const row = draft.rows.shift();
  assert.ok(row !== undefined);
  compactWhole(draft);
  compactWhole(draft);
  row.inner.deep.push(3);
  draft.rows.push(row);
  assert.equal(draft.rows[1], row);
  assert.deepEqual(plain(draft.rows), [
    { id: 2, inner: { deep: [2] } },
    { id: 1, inner: { deep: [1, 3] } },
  ]);
});

test("walks through lists, Maps and Sets go on where they were", () => {
  const make = (): { list: number[]; map: Map<number, string>; set: Set<number> } => ({
    list: Array.from({ length: 50 }, (_, i) => i),
    map: new Map(Array.from({ length: 50 }, (_, i) => [i, `v${i}`])),
    set: new Set(Array.from({ length: 50 }, (_, i) => i)),
  });
  const walk = (data: ReturnType<typeof make>, between: () => void): unknown[] => {
    const seen: unknown[] = [];
    for (const element of data.list) {
      seen.push(element);
      if (element % 10 === 0) data.list.splice(element / 2, 1);
      between();
    }
    for (const [key, value] of data.map) {
      seen.push(key, value);
      data.map.delete(key - (key % 3));
      if (key % 5 === 0 && key < 500) data.map.set(key + 500, "added");
      between();
    }
    data.set.forEach((key) => {
      seen.push(key);
      data.set.delete(key);
      if (key === 20) data.set.clear();
      if (key >= 20 && key < 25) data.set.add(key + 1);
      between();
    });
    return seen;
  };
  const draft = share(make());
  assert.deepEqual(
    walk(draft, () => compact(draft)),
    walk(make(), () => {}),
  );
});

test("a scan of structs that are edited goes on after a compaction, and its cursor with it", () => {
  registerClass(Point);
  const points = share(Array.from({ length: 100 }, (_, x) => new Point({ x, name: `p${x}` })));
  let expected = 0;
  const held: Point[] = [];
  for (const cursor of scan(points)) {
    const point = cursor as Point;
    point.name = `moved ${point.x}`;
    if (expected % 10 === 0) compactWhole(points);
    assert.equal(point.x, expected);
    assert.equal(point.name, `moved ${expected}`);
    if (expected % 25 === 0) held.push(hold(point) as Point);
    expected++;
  }
  assert.equal(expected, 100);
  assert.deepEqual(
    held.map(({ name }) => name),
    ["moved 0", "moved 25", "moved 50", "moved 75"],
  );
  assert.equal(held[1], points[25]);
});

test("frozen views that were read before an edit are values afterwards, and no places to look", async () => {
  const draft = share({
    rows: [{ id: 1, inner: { a: 1 } }],
    big: Array.from({ length: 2_000 }, String),
  });
  const frozen = freeze(draft);
  const [row] = frozen.rows;
  const { big } = frozen;
  const again = await thaw(frozen);
  assert.equal(again, draft);
  draft.rows.unshift({ id: 0, inner: { a: 0 } });
  compactWhole(draft);
  const isStale = (error: unknown): boolean =>
    error instanceof QuipeError && error.code === "stale";
  assert.equal(row?.id, 1);
  assert.throws(() => big[0], isStale);
  assert.throws(() => [...scan(frozen.rows)].length, isStale);
  const next = freeze(draft);
  assert.throws(() => big[0], isStale);
  assert.deepEqual(next.rows, [
    { id: 0, inner: { a: 0 } },
    { id: 1, inner: { a: 1 } },
  ]);
  assert.equal(tryThaw(next), draft);
});

test("compact is for data that this task may write", () => {
  const frozen = freeze({ a: 1 });
  assert.throws(() => compact(frozen), { code: "frozen" });
  assert.throws(() => compact({ a: 1 }), { code: "not-owner" });
  const draft = share({ text: ["x".repeat(100_000)] });
  draft.text.length = 0;
  assert.ok(compact(draft) > 90_000);
  assert.ok(bytesOf(draft) <= 4_096);
  assert.equal(compact(draft), 0);
});

test("memory that a region has left is used again, but not where a cursor may still look", async () => {
  const make = (): { rows: { id: number }[]; text: string } => ({
    rows: Array.from({ length: 9_000 }, (_, id) => ({ id })),
    text: "",
  });
  const draft = share(make());
  const region = regionOf(draft);
  const buffers = new Set<SharedArrayBuffer>();
  const editUntil = (moves: number): void => {
    for (let i = 0; region.moves < moves; i++) {
      draft.text = `a text of some length ${i}`;
      buffers.add(region.buffer);
    }
  };
  editUntil(10);
  assert.ok(buffers.size <= 3, `${buffers.size} buffers for 10 compactions`);
  checkRegion(region);
  const [cursor] = scan(freeze(draft).rows);
  const { buffer } = region;
  await thaw(freeze(draft));
  editUntil(11);
  for (let i = 0; i < 20; i++) {
    const other = share(make());
    assert.notEqual(regionOf(other).buffer, buffer);
    for (let moves = 0; regionOf(other).moves < 1; moves++) other.text = `some other text ${moves}`;
    assert.notEqual(regionOf(other).buffer, buffer);
  }
  assert.equal(cursor?.id, 0);
  assert.deepEqual(plain(draft.rows[8_999]), { id: 8_999 });
});
