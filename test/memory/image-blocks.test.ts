import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { load, save } from "../../src/index.ts";
import { BLOCK_WORDS } from "../../src/memory/content-hash.ts";
import { IMAGE_HEADER_BYTES } from "../../src/memory/image.ts";
import { HEADER } from "../../src/memory/layout.ts";
import { changed } from "./forged-image.ts";

const folder = mkdtempSync(join(tmpdir(), "quipe-blocks-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a file of several blocks comes back equal, and damage to any of them is found", async () => {
  const count = 150_000;
  const rows = Array.from({ length: count }, (_, id) => ({ id, price: id / 7, name: `row ${id}` }));
  const path = join(folder, "blocks.quipe");
  const image = await save(rows);
  const blockBytes = BLOCK_WORDS * 4;
  assert.ok(image.length > blockBytes * 3);
  writeFileSync(path, image);
  const loaded = await load<typeof rows>(path);
  assert.equal(loaded.length, count);
  for (let id = 0; id < count; id += 997) assert.deepEqual(loaded[id], rows[id]);
  const flip = (position: number): void => {
    image[position] = (image[position] ?? 0) ^ 1;
  };
  for (let at = IMAGE_HEADER_BYTES; at < image.length; at += blockBytes >> 1) {
    const position = at + ((at * 31) % (image.length - at));
    flip(position);
    writeFileSync(path, image);
    await assert.rejects(load(path), { code: "damaged-image" }, `byte ${position}`);
    flip(position);
  }
  const misled = changed(image, (words) => {
    words[HEADER.SHAPE_TABLE] = (words[HEADER.SHAPE_TABLE] as number) - BLOCK_WORDS;
  });
  writeFileSync(path, misled);
  await assert.rejects(load(path), { code: "damaged-image" });
  writeFileSync(path, image.subarray(0, image.length - blockBytes));
  await assert.rejects(load(path), { code: "damaged-image" });
});
