import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze, save } from "../../src/index.ts";
import { ArrivingRegion } from "../../src/memory/arriving-region.ts";
import { HEADER, HEAP_START, LIST } from "../../src/memory/layout.ts";
import { contentOf } from "./forged-image.ts";
import { Chance, mutated } from "./image-mutations.ts";
import { samples } from "./image-samples.ts";

type Image = Uint8Array<ArrayBuffer>;

function rows(count: number): { id: number; name: string; price: number }[] {
  return Array.from({ length: count }, (_, id) => ({ id, name: `row ${id % 9}`, price: id / 3 }));
}

/** Graphs of several thousand words: rows, records in records, all kinds of lists, and lists of each other. */
function large(): unknown[] {
  const numbers = Array.from({ length: 2_000 }, (_, i) => i / 7);
  const mixed = Array.from({ length: 900 }, (_, i) => [i, `${i}`, null, { a: i }, [i]][i % 5]);
  const branches = rows(700).map((row, i) => ({
    row,
    next: { parts: rows(i % 3), deep: [[row]] },
  }));
  return [
    rows(3_000),
    { branches, all: branches.map(({ row }) => row) },
    { numbers, whole: numbers.map(Math.round), words: numbers.map(String), mixed, rows: rows(600) },
  ];
}

/** What is said of `content` if its words arrive little by little, and something else is there before. */
function faultWhileArriving(content: Int32Array, chance: Chance): string | undefined {
  const words = content.map((word) => ~word);
  const region = new ArrivingRegion(words);
  let ready = 0;
  let tail = content.length;
  const moveTail = (to: number): void => {
    words.set(content.subarray(to, tail), to);
    tail = to;
  };
  if (chance.below(4) > 0) moveTail(Math.max(0, endOfObjects(content) - chance.below(9)));
  while (ready < content.length) {
    const step = 1 + chance.below(chance.pick([8, 600, 5_000]));
    if (chance.below(4) === 0) moveTail(Math.max(ready, tail - step));
    const to = Math.min(ready + step, content.length);
    words.set(content.subarray(ready, to), ready);
    ready = to >= tail ? content.length : to;
    region.check({ ready, tail: Math.max(ready, tail) });
  }
  return region.fault();
}

function endOfObjects(content: Int32Array): number {
  const table = content[HEADER.SHAPE_TABLE] as number;
  return Math.min(content.length, Math.max(0, content[table] ?? table));
}

test("words that arrive little by little are judged as if all had been there", async (context) => {
  const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 1_000_000);
  context.diagnostic(`seed ${seed}`);
  const values = [...samples().map(([, value]) => value), ...large()];
  const images: Image[] = [];
  for (const value of values) images.push(await save(freeze(value)));
  let refused = 0;
  for (let i = 0; i < 1_500; i++) {
    const chance = new Chance(seed + i);
    const source = chance.pick(images);
    const content = contentOf(i % 4 === 0 ? source : mutated(source, chance, true));
    if (content.length < HEAP_START) continue;
    const fault = new ArrivingRegion(content).fault();
    assert.equal(faultWhileArriving(content, chance), fault, `image ${i} of seed ${seed}`);
    if (i % 4 === 0) assert.equal(fault, undefined);
    if (fault !== undefined) refused++;
  }
  assert.ok(refused > 300, "mutated images are refused as a rule");
});

test("rows that have arrived are checked before the others are there", async () => {
  const content = contentOf(await save(freeze(rows(3_000))));
  const middle = content.length >> 1;
  const region = new ArrivingRegion(content);
  region.check({ ready: middle, tail: endOfObjects(content) });
  // What was checked is not looked at again, so it no longer matters here.
  const firstRow = HEAP_START + LIST.WORDS + 3_000;
  content.fill(-1, firstRow, middle - 512 * 8);
  assert.equal(region.fault(), undefined);
  assert.notEqual(new ArrivingRegion(content).fault(), undefined);
});

test("a fault is found in whatever part it arrives", async () => {
  const content = contentOf(await save(freeze(rows(3_000))));
  const end = endOfObjects(content);
  const row = end - 8;
  content[row + 1] = 5;
  const region = new ArrivingRegion(content);
  for (let ready = HEAP_START; ready < end; ready += 999) region.check({ ready, tail: end });
  assert.notEqual(region.fault(), undefined);
});

test("another layout is called that, whatever else is wrong, also while words arrive", async () => {
  const content = contentOf(await save(freeze(rows(3_000))));
  content[HEADER.VERSION] = 99;
  content[HEADER.SHAPE_TABLE] = -2;
  const region = new ArrivingRegion(content);
  region.check({ ready: HEAP_START, tail: content.length });
  assert.equal(region.fault(), "its region has another layout");
  assert.equal(new ArrivingRegion(content).fault(), "its region has another layout");
});
