/** A compact image holds what its region holds, as the encoder would have placed it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkRegion } from "../../src/memory/check.ts";
import { compactImage, type CompactOptions } from "../../src/memory/compact.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { HEADER, STATE } from "../../src/memory/layout.ts";
import { locate } from "../../src/memory/location.ts";
import { Region } from "../../src/memory/region.ts";
import { plain, share } from "../../src/memory/share.ts";
import { rootOf, viewAt } from "../../src/memory/views.ts";
import { faultInLiveRegion } from "../../src/memory/verify.ts";
import { samples } from "./image-samples.ts";
import { edit, start } from "./random-edits.ts";

function regionOf(view: unknown): Region {
  const location = locate(view as object);
  assert.ok(location !== undefined);
  return location.region;
}

/** The words of a compact image of `region`, alone in their buffer. */
function compacted(region: Region, options?: CompactOptions): Int32Array<SharedArrayBuffer> {
  const image = compactImage(region, options);
  const words = new Int32Array(new SharedArrayBuffer(image.words * 4));
  image.writeTo(words);
  words[HEADER.STATE] = STATE.FROZEN;
  return words;
}

/** Everything in a compact image, after all its checks. */
function contentOf(words: Int32Array<SharedArrayBuffer>): unknown {
  assert.equal(faultInLiveRegion(words), undefined);
  const region = new Region(words.buffer);
  checkRegion(region);
  return rootOf(region);
}

/** The words that are the same in regions with the same content. */
function comparable(words: Int32Array): Int32Array {
  const copy = words.slice();
  for (const word of [HEADER.ID, HEADER.OWNER, HEADER.EPOCH]) copy[word] = 0;
  return copy;
}

for (const [name, value] of samples()) {
  test(`a region that was never edited stays the same word by word: ${name}`, () => {
    const region = regionOf(freeze({ value }));
    const words = compacted(region);
    assert.deepStrictEqual(contentOf(words), freeze({ value }));
    assert.deepEqual(comparable(words), comparable(compacted(new Region(words.buffer))));
    assert.deepEqual(comparable(words), comparable(region.words));
  });
}

test("an edited region becomes what sharing the same data anew makes, to the word", () => {
  const draft = share({
    rows: Array.from({ length: 150 }, (_, id) => ({ id, name: `row ${id}` })) as unknown[],
    numbers: [] as number[],
    table: Object.fromEntries<number>([]),
    map: new Map<unknown, unknown>(),
  });
  const { rows, numbers, table, map } = draft;
  // Else it would be compacted while it is edited.
  regionOf(draft).words[HEADER.LIMIT] = 1 << 20;
  for (let i = 0; i < 150; i++) {
    Object.assign(rows[i] as object, { extra: i, name: `row number ${i}` });
    delete (rows[i] as { extra?: number }).extra;
    rows.push({ id: i, name: "new" });
    rows.pop();
    numbers.push(i);
    table[`key ${i}`] = i;
    map.set(rows[i], i).set(i, i);
    if (i % 2 === 0) map.delete(i);
  }
  for (let i = 0; i < 150; i += 2) delete table[`key ${i}`];
  const words = compacted(regionOf(draft));
  const fresh = regionOf(freeze(plain(draft))).words;
  assert.deepStrictEqual(contentOf(words), plain(draft));
  assert.equal(words.length, fresh.length);
  assert.equal(words[HEADER.ORDINALS], fresh[HEADER.ORDINALS]);
  assert.equal(words[HEADER.SHAPES], fresh[HEADER.SHAPES]);
  assert.ok(regionOf(draft).words.length > fresh.length);
});

test("cycles, sharing and references to other regions are kept", () => {
  interface Node {
    next: Node | null;
    peers: Node[];
    other: unknown;
  }
  const other = freeze({ far: ["away"] });
  const draft: Node = share({ next: null, peers: [], other: null });
  draft.next = { next: null, peers: [], other };
  draft.next.next = draft;
  draft.peers.push(draft.next, draft, draft.next);
  draft.other = draft.next.other;
  const image = compactImage(regionOf(draft));
  assert.deepEqual([...image.references], [regionOf(other).id]);
  const words = new Int32Array(new SharedArrayBuffer(image.words * 4));
  image.writeTo(words);
  const region = new Region(words.buffer);
  checkRegion(region);
  const root = rootOf(region) as Node;
  assert.equal(root.next?.next, root);
  assert.deepEqual(root.peers, [root.next, root, root.next]);
  assert.equal(root.peers[0], root.next);
  assert.equal(root.other, other);
  assert.equal(root.next?.other, other);
});

test("what an extra root reaches is kept though the root does not reach it", () => {
  const draft = share({
    list: [
      { name: "a", inner: { deep: 1 } },
      { name: "b", inner: null },
    ],
  });
  const [held, kept] = draft.list;
  assert.ok(held !== undefined && kept !== undefined);
  draft.list.shift();
  const region = regionOf(draft);
  const addresses = [held, kept].map((view) => locate(view)?.address ?? 0);
  const dropped = compactImage(region);
  assert.deepEqual(
    addresses.map((address) => dropped.addressOf(address) !== 0),
    [false, true],
  );
  const image = compactImage(region, { extraRoots: addresses });
  const words = compacted(region, { extraRoots: addresses });
  assert.deepStrictEqual(contentOf(words), { list: [{ name: "b", inner: null }] });
  const again = new Region(words.buffer);
  const views = addresses.map((address) => viewAt(again, image.addressOf(address)));
  assert.deepStrictEqual(views, [
    { name: "a", inner: { deep: 1 } },
    { name: "b", inner: null },
  ]);
});

test("random graphs are the same after random edits and compaction, with and without room", () => {
  fc.assert(
    fc.property(start, fc.array(edit, { maxLength: 25 }), (data, steps) => {
      const twin = structuredClone(data);
      const draft = share(structuredClone(data));
      for (const { apply } of steps) for (const each of [twin, draft]) apply(each);
      const region = regionOf(draft);
      assert.deepStrictEqual(plain(draft), twin);
      assert.deepStrictEqual(contentOf(compacted(region)), twin);
      const roomy = new Region(compacted(region, { keepsRoom: true }).buffer);
      checkRegion(roomy);
      assert.deepStrictEqual(rootOf(roomy), twin);
      assert.deepStrictEqual(contentOf(compacted(roomy)), twin);
      assert.deepStrictEqual(plain(draft), twin);
    }),
    { numRuns: 100 },
  );
});
