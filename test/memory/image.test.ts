import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import {
  f64,
  freeze,
  isFrozen,
  load,
  plain,
  type QuipeError,
  ref,
  registerClass,
  save,
  share,
  str,
  struct,
  thaw,
} from "../../src/index.ts";
import { IMAGE_FIELD, IMAGE_HEADER_BYTES, seal } from "../../src/memory/image.ts";
import { HEADER, LIST, OBJECT, SHAPE_SHIFT } from "../../src/memory/layout.ts";
import { locate } from "../../src/memory/location.ts";
import { changed } from "./forged-image.ts";
import { samples } from "./image-samples.ts";

const folder = mkdtempSync(join(tmpdir(), "quipe-image-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string): string => join(folder, name);

/** Something of everything, small. */
function mixture(): unknown {
  const rows = Array.from({ length: 5 }, (_, id) => ({ id, name: `row ${id % 2}`, price: id / 3 }));
  const wide = Object.fromEntries(rows.flatMap((row) => [[`k${row.id}`, row.id]]));
  for (let i = 0; i < 80; i++) wide[`key ${i}`] = i;
  return {
    rows,
    wide,
    words: ["a", "\u{1f600}", "\ud800 alone", "żółw", ""],
    mixed: [1, -0, NaN, Infinity, null, undefined, true, "x", , 2.5],
    nested: { a: { b: { c: [[1, 2], [3.5]] } } },
    none: null,
  };
}

class Place extends struct({ x: f64, name: str, next: ref<Place>() }) {
  get twice(): number {
    return this.x * 2;
  }
}

/** An image of the list in an image of `{ list }`. */
async function listAlone(image: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { list } = await load<{ list: unknown }>(image);
  return save(list);
}

async function rejectsWith(source: Uint8Array, code: QuipeError["code"]): Promise<void> {
  await assert.rejects(load(source), { name: "QuipeError", code });
}

test("what was saved comes back equal, as bytes, file, URL and stream", async () => {
  const data = mixture();
  const frozen = freeze(data);
  const bytes = await save(frozen);
  assert.deepStrictEqual(await load(bytes), data);
  assert.deepStrictEqual(await load(bytes.buffer), data);
  await save(frozen, file("one.quipe"));
  await save(frozen, pathToFileURL(file("two.quipe")));
  assert.deepStrictEqual(new Uint8Array(readFileSync(file("two.quipe"))), bytes);
  assert.deepStrictEqual(await load(file("one.quipe")), data);
  assert.deepStrictEqual(await load(pathToFileURL(file("two.quipe"))), data);
  assert.deepStrictEqual(await load(new Blob([bytes]).stream()), data);
  assert.deepStrictEqual(
    await load(Readable.from([...bytes].map((byte) => Buffer.of(byte)))),
    data,
  );
});

test("streams of both kinds are written to their end", async () => {
  const frozen = freeze(mixture());
  const bytes = await save(frozen);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const saving = save(frozen, writable);
  assert.deepStrictEqual(await load(readable), frozen);
  await saving;
  const node = new PassThrough();
  const chunks: Buffer[] = [];
  node.on("data", (chunk: Buffer) => chunks.push(chunk));
  await save(frozen, node);
  assert.deepStrictEqual(new Uint8Array(Buffer.concat(chunks)), bytes);
});

test("a stream that fails rejects save with its error", async () => {
  const failure = new Error("the disk is full");
  const broken = new WritableStream<Uint8Array>({
    write() {
      throw failure;
    },
  });
  await assert.rejects(save(freeze({ a: 1 }), broken), failure);
  const node = new PassThrough({
    transform(_chunk, _encoding, done) {
      done(failure);
    },
  });
  await assert.rejects(save(freeze({ a: 1 }), node), failure);
});

test("everything that can be frozen comes back equal", async () => {
  for (const [name, value] of samples()) {
    const frozen = freeze(value);
    const loaded = await load(await save(frozen));
    assert.deepStrictEqual(plain(loaded), plain(frozen), name);
    assert.deepStrictEqual(await save(loaded), await save(frozen), name);
  }
});

test("regions that refer to each other are saved together and stay shared", async () => {
  const towns = freeze([{ name: "Oslo" }, { name: "Bergen" }]);
  const roads = freeze({ from: towns[0], to: towns[1] });
  const map = { towns, roads, deep: { again: roads } };
  const loaded = await load<typeof map>(await save(freeze(map)));
  assert.deepStrictEqual(loaded, map);
  assert.ok(loaded.roads === loaded.deep.again);
  assert.ok(loaded.roads.from === loaded.towns[0]);
});

test("structs stay instances of their class, edited or spread over regions as well", async () => {
  const one = new Place({ x: 1, name: "one", next: null });
  one.next = new Place({ x: 2, name: "two", next: one });
  const edited = share([one]);
  (edited[0] as Place).name = "another name";
  for (const frozen of [freeze([one]), freeze(edited), freeze({ list: freeze([one]) }).list]) {
    const [loaded] = await load<Place[]>(await save({ list: frozen }).then(listAlone));
    assert.ok(loaded instanceof Place);
    assert.equal(loaded.twice, 2);
    assert.equal(loaded.next?.name, "two");
    assert.ok(loaded.next?.next === loaded);
  }
});

test("a struct with the name of a registered class that is none is unsupported", async () => {
  class Plaza {}
  registerClass(Plaza);
  const image = await save(freeze([new Place({ x: 1, name: "one", next: null })]));
  const renamed = changed(image, (words) => {
    const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    const at = bytes.indexOf("Place");
    bytes.write("Plaza", at, "latin1");
  });
  await assert.rejects(load(renamed), { name: "QuipeError", code: "unsupported" });
});

test("whatever can be frozen comes back equal", async () => {
  const value = fc.anything({
    withBigInt: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withNullPrototype: true,
    key: fc.string({ unit: "binary", maxLength: 4 }),
    values: [
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.integer(),
      fc.constant(undefined),
      fc.date({ noInvalidDate: true }), // as keys of Maps, invalid ones are not equal to themselves
    ],
  });
  await fc.assert(
    fc.asyncProperty(value, async (data) => {
      const bytes = await save(freeze(data));
      const loaded = await load(bytes);
      assert.deepStrictEqual(plain(loaded), plain(freeze(data)));
      assert.deepStrictEqual(await save(loaded), bytes);
    }),
  );
});

test("damage anywhere in anything is noticed", async () => {
  const damage = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.array(damage, { minLength: 1 }), async (data, damages) => {
      const image = await save(data);
      const copy = image.slice();
      for (const { at, by } of damages) {
        const position = at % copy.length;
        copy[position] = (copy[position] as number) ^ by;
      }
      if (Buffer.compare(copy, image) === 0) return;
      await assert.rejects(load(copy), { name: "QuipeError" });
    }),
  );
});

test("a part of frozen data is saved alone", async () => {
  const frozen = freeze({ secret: "s3cr3t-s3cr3t", open: { list: [1, 2, 3] } });
  const bytes = await save(frozen.open);
  assert.deepStrictEqual(await load(bytes), { list: [1, 2, 3] });
  assert.ok(!Buffer.from(bytes).includes("s3cr3t"));
});

test("data that was edited before it was frozen is saved as it is now", async () => {
  const draft = share({
    list: [{ a: 1 }],
    words: ["x"] as string[],
    gone: "gone-for-good",
  });
  for (let i = 0; i < 50; i++) draft.list.push({ a: i });
  draft.words.push("żółw");
  delete (draft as { gone?: string }).gone;
  (draft as Record<string, unknown>)["more"] = { b: [1, 2] };
  await assert.rejects(save(draft), { name: "QuipeError", code: "not-shareable" });
  const frozen = freeze(draft);
  const bytes = await save(frozen);
  assert.deepStrictEqual(await load(bytes), JSON.parse(JSON.stringify(frozen)));
  assert.ok(!Buffer.from(bytes).includes("gone-for-good"));
});

test("primitives and plain data can be saved, and what freeze refuses cannot", async () => {
  for (const value of [null, undefined, 1, -0, "text", true, "", "\udfff"]) {
    assert.deepStrictEqual(await load(await save(value)), value);
  }
  assert.deepStrictEqual(await load(await save({ plain: freeze([1]) })), { plain: [1] });
  await assert.rejects(save({ f: () => 1 }), { code: "not-shareable" });
});

test("the same data gives the same bytes, also after it was loaded", async () => {
  const bytes = await save(freeze(mixture()));
  assert.deepStrictEqual(await save(freeze(mixture())), bytes);
  assert.deepStrictEqual(await save(await load(bytes)), bytes);
});

test("loaded data is frozen for ever, and is a new region each time", async () => {
  const bytes = await save(freeze({ a: { b: 1 } }));
  const loaded = await load<{ a: { b: number } }>(bytes);
  assert.ok(isFrozen(loaded));
  assert.throws(() => {
    (loaded.a as { b: number }).b = 2;
  }, TypeError);
  await assert.rejects(thaw(loaded), { name: "QuipeError", code: "frozen" });
  const again = await load<object>(bytes);
  assert.notEqual(locate(again)?.region.id, locate(loaded)?.region.id);
});

test("a save that fails leaves the old file and no other", async () => {
  const path = file("kept.quipe");
  await save(freeze({ old: true }), path);
  const before = readdirSync(folder);
  await assert.rejects(save({ f: () => 1 }, path), { code: "not-shareable" });
  await assert.rejects(save(freeze({ a: 1 }), join(folder, "none", "x.quipe")), { code: "ENOENT" });
  await assert.rejects(save(freeze({ a: 1 }), folder), { name: "Error" });
  assert.deepStrictEqual(readdirSync(folder), before);
  assert.deepStrictEqual(await load(path), { old: true });
});

test("an image cut off anywhere is damaged, in bytes, file and stream", async () => {
  const bytes = await save(freeze(mixture()));
  for (let length = 0; length < bytes.length; length++) {
    await rejectsWith(bytes.subarray(0, length), length < 8 ? "foreign-image" : "damaged-image");
  }
  for (const length of [0, 8, 63, 64, 65, 1_000, bytes.length - 1]) {
    const code = length === 0 ? "foreign-image" : "damaged-image";
    writeFileSync(file("cut.quipe"), bytes.subarray(0, length));
    await assert.rejects(load(file("cut.quipe")), { code });
    await assert.rejects(load(Readable.from([Buffer.from(bytes.subarray(0, length))])), { code });
  }
});

test("an image with more behind it is damaged", async () => {
  const bytes = await save(freeze([1, 2]));
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  await rejectsWith(longer, "damaged-image");
  writeFileSync(file("longer.quipe"), longer);
  await assert.rejects(load(file("longer.quipe")), { code: "damaged-image" });
  await assert.rejects(load(Readable.from([Buffer.from(longer)])), { code: "damaged-image" });
});

test("every single byte that is changed is found", async () => {
  const bytes = await save(freeze(mixture()));
  const found = new Map<string, number>();
  for (let position = 0; position < bytes.length; position++) {
    for (const flip of [1, 0x80, 0xff]) {
      const copy = bytes.slice();
      copy[position] = (copy[position] as number) ^ flip;
      const error = await load(copy).then(
        () => undefined,
        (reason: unknown) => reason as QuipeError,
      );
      assert.ok(error !== undefined, `byte ${position} ^ ${flip} goes unnoticed`);
      assert.equal(error.name, "QuipeError");
      found.set(error.code, (found.get(error.code) ?? 0) + 1);
    }
  }
  assert.equal(found.get("foreign-image"), 8 * 3);
  assert.equal(found.get("damaged-image"), (bytes.length - 8) * 3);
});

test("what is no image is foreign, whatever its length", async () => {
  await rejectsWith(new TextEncoder().encode('{"json":true}'), "foreign-image");
  await rejectsWith(new Uint8Array(100_000), "foreign-image");
  await rejectsWith(new Uint8Array(0), "foreign-image");
  await assert.rejects(load(new URL("../../../package.json", import.meta.url)), {
    code: "foreign-image",
  });
});

test("newer and older formats, newer layouts and the other byte order are unsupported", async () => {
  const bytes = await save(freeze({ a: 1 }));
  const newer = bytes.slice();
  newer[IMAGE_FIELD.VERSION] = 9;
  seal(newer);
  await rejectsWith(newer, "unsupported-image");
  const older = bytes.slice();
  older[IMAGE_FIELD.VERSION] = 1;
  seal(older);
  await rejectsWith(older, "unsupported-image");
  const layout = changed(bytes, (words) => {
    words[HEADER.VERSION] = 999;
  });
  await rejectsWith(layout, "unsupported-image");
  const reversed = bytes.slice();
  reversed.subarray(IMAGE_FIELD.BYTE_ORDER, IMAGE_FIELD.BYTE_ORDER + 4).reverse();
  await rejectsWith(reversed, "unsupported-image");
});

test("a reference to a row out of many must lead to where one begins", async () => {
  const rows = Array.from({ length: 1_000 }, (_, id) => ({ id, price: id / 2, name: `n${id}` }));
  const image = await save({ rows, best: { row: rows[500] } });
  const loaded = await load<{ rows: object[]; best: { row: object } }>(image);
  assert.ok(loaded.best.row === loaded.rows[500]);
  const { address } = locate(loaded.best.row) as { address: number };
  const { address: holder } = locate(loaded.best) as { address: number };
  const word = holder + 2; // after its head and its ordinal
  const leadTo = (target: number): Promise<unknown> =>
    load(
      changed(image, (words) => {
        assert.equal(words[word], address);
        words[word] = target;
      }),
    );
  const stride = (locate(loaded.rows[501] as object) as { address: number }).address - address;
  for (const off of [2, stride - 2, 2 - stride]) {
    await assert.rejects(leadTo(address + off), { code: "damaged-image" });
  }
  // Another row is the child of its list alone, so nothing else may refer to it.
  await assert.rejects(leadTo(address + stride), { code: "damaged-image" });
});

test("rows are refused that are out of order, of another shape or said to be shared", async () => {
  const rows = Array.from({ length: 1_000 }, (_, id) => ({ id, price: id / 2 }));
  const image = await save(rows);
  const loaded = await load<object[]>(image);
  const at = (index: number): number =>
    (locate(loaded[index] as object) as { address: number }).address;
  const list = (locate(loaded) as { address: number }).address;
  const changes: ((words: Int32Array) => void)[] = [
    (words) => void (words[at(998)] = (words[at(998)] as number) + (1 << SHAPE_SHIFT)),
    (words) => void (words[at(7) + OBJECT.ORDINAL] = 7),
    (words) => void (words[list + LIST.WORDS + 3] = at(4)),
    (words) => void (words[list + LIST.LENGTH] = 999),
    (words) => void (words[HEADER.ORDINALS] = 1_000),
  ];
  for (const change of changes) {
    await assert.rejects(load(changed(image, change)), { code: "damaged-image" });
  }
});

test("a header that lies about the length takes no memory", async () => {
  const bytes = (await save(freeze({ a: 1 }))).slice();
  new DataView(bytes.buffer).setUint32(IMAGE_FIELD.BYTES_LOW, 0xffff_fff8, true);
  seal(bytes);
  await rejectsWith(bytes, "damaged-image");
  writeFileSync(file("liar.quipe"), bytes);
  await assert.rejects(load(file("liar.quipe")), { code: "damaged-image" });
  new DataView(bytes.buffer).setUint32(IMAGE_FIELD.BYTES_HIGH, 0x7fff_ffff, true);
  seal(bytes);
  await rejectsWith(bytes, "damaged-image");
  assert.equal(bytes.length > IMAGE_HEADER_BYTES, true);
});

test("a file that is not there, and sources of a wrong type, are refused as such", async () => {
  await assert.rejects(load(file("nowhere.quipe")), { code: "ENOENT" });
  await assert.rejects(load(5 as unknown as string), TypeError);
  await assert.rejects(load({} as unknown as string), TypeError);
  await assert.rejects(load(["text"] as unknown as Iterable<Uint8Array>), TypeError);
  await assert.rejects(save(freeze([1]), {} as unknown as string), TypeError);
});
