/**
 * Ten million overwrites, deletes and inserts of data whose live size stays the same: its memory stays within
 * twice of what a fresh share of it takes. The memory is looked at after every thousandth edit.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { checkRegion } from "../../src/memory/check.ts";
import { describe } from "../../src/memory/describe.ts";
import { locate } from "../../src/memory/location.ts";
import { plain, share } from "../../src/memory/share.ts";

const EDITS = 10_000_000;
const COUNT = 4_000;
/** Edits between two turns of the event loop: views are only let go of there. */
const TURN = 20_000;

interface Row {
  id: number;
  name: string;
  tags: string[];
}

interface Data {
  texts: string[];
  queue: unknown[];
  table: Record<string, number>;
  map: Map<unknown, unknown>;
  rows: Row[];
  numbers: number[];
}

/** Four digits, so that all texts of a kind are equally long. */
function digits(i: number): string {
  return String(10_000 + (i % 10_000)).slice(1);
}

function row(id: number, round: number): Row {
  return { id, name: `row ${digits(id)} ${digits(round)}`, tags: ["old", `t${id % 100}`] };
}

function fresh(): Data {
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));
  return {
    texts: each((i) => `text number ${digits(i)}`),
    queue: each((i) => (i % 2 === 0 ? i : `queued ${digits(i)}`)),
    table: Object.fromEntries(each((i) => [`key ${i}`, i])),
    map: new Map(each((i) => [`key ${i}`, i])),
    rows: each((i) => row(i, 0)),
    numbers: each((i) => i / 2),
  };
}

/** Kinds of edits; each leaves the live size as it was, but for some bytes of text. */
const kinds: ((data: Data, at: number, i: number) => void)[] = [
  ({ texts }, at, i) => (texts[at] = `text number ${digits(i)}`),
  ({ queue }, _at, i) => {
    queue.push(i % 2 === 0 ? i : `queued ${digits(i)}`);
    queue.pop();
  },
  ({ table }, at, i) => {
    delete table[`key ${at}`];
    table[`key ${at}`] = i;
  },
  ({ map }, at, i) => {
    map.delete(`key ${at}`);
    map.set(`key ${at}`, i);
  },
  ({ map }, at, i) => map.set(`key ${at}`, i),
  ({ rows }, at, i) => (rows[at] = row(at, i)),
  ({ rows }, at, i) => {
    const { name, id } = row(at, i);
    rows[at] = { id, name, tags: ["new"] };
  },
  ({ numbers }, at, i) => (numbers[at] = i / 2),
];

test("ten million edits with a constant live size stay within twice that size", async () => {
  const draft = share(fresh());
  const twin = fresh();
  const location = locate(draft);
  assert.ok(location !== undefined);
  const { region } = location;
  const most = 2 * (describe(share(fresh())).region?.bytes ?? 0);
  let largest = 0;
  const began = performance.now();
  for (let i = 0; i < EDITS; i++) {
    const kind = kinds[i % kinds.length];
    const at = (Math.imul(i, 2_654_435_761) >>> 8) % COUNT;
    kind?.(draft, at, i);
    kind?.(twin, at, i);
    if (i % 1_000 === 0) {
      largest = Math.max(largest, region.buffer.byteLength);
      assert.ok(
        region.buffer.byteLength <= most,
        `${region.buffer.byteLength} bytes after edit ${i}`,
      );
    }
    if (i % TURN === 0) await setImmediate();
  }
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `${EDITS} edits in ${seconds.toFixed(1)} s, ${region.moves} compactions, at most ` +
      `${(largest / (most / 2)).toFixed(2)} times a fresh share`,
  );
  checkRegion(region);
  assert.deepStrictEqual(plain(draft), twin);
});
