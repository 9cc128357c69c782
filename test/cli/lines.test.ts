/** Lines are the same however the bytes arrive, and a bad line harms no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readLines } from "../../src/cli/lines.ts";
import { longestRecordBytes, type SourceRecord } from "../../src/cli/source-record.ts";

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function linesOf(
  input: string | Buffer,
  { sizes = [65_536], skipBlank = false } = {},
): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const batch of readLines(chunksOf(Buffer.from(input), sizes), { skipBlank })) {
    assert.ok(batch.length > 0, "a batch is never empty");
    records.push(...batch);
  }
  return records;
}

function texts(records: readonly SourceRecord[]): unknown[] {
  return records.map((record) => record.error?.message ?? record.value);
}

test("a missing last line end, CR LF and a byte order mark make no difference", async () => {
  for (const sizes of [[1], [2], [3, 1], [65_536]]) {
    assert.deepEqual(texts(await linesOf("a\nb\nc", { sizes })), ["a", "b", "c"]);
    assert.deepEqual(texts(await linesOf("a\nb\nc\n", { sizes })), ["a", "b", "c"]);
    assert.deepEqual(texts(await linesOf("\uFEFFa\r\nb\r\nc\r\n", { sizes })), ["a", "b", "c"]);
  }
});

test("an empty line is a record, an empty input is none", async () => {
  assert.deepEqual(texts(await linesOf("\n\nx\n\n")), ["", "", "x", ""]);
  assert.deepEqual(await linesOf(""), []);
});

test("blank lines are left out on demand and still count as lines", async () => {
  const records = await linesOf("\n1\n \r\n2\n", { skipBlank: true });
  assert.deepEqual(
    records.map(({ value, line }) => [value, line]),
    [
      ["1", 2],
      ["2", 4],
    ],
  );
});

test("a line that is not UTF-8 fails alone", async () => {
  const bytes = Buffer.concat([
    Buffer.from("å\n"),
    Buffer.from([0x66, 0xfc, 0x0a]),
    Buffer.from("ö"),
  ]);
  for (const sizes of [[1], [4], [65_536]]) {
    const found = texts(await linesOf(bytes, { sizes }));
    assert.equal(found.length, 3);
    assert.equal(found[0], "å");
    assert.match(String(found[1]), /not valid UTF-8/);
    assert.equal(found[2], "ö");
  }
});

test("a line longer than a record may be fails alone, and its bytes are not kept", async () => {
  const mebibyte = Buffer.alloc(1024 * 1024, "x");
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from("before\n");
    for (let i = 0; i <= longestRecordBytes / mebibyte.length; i++) yield mebibyte;
    yield Buffer.from("x\nafter\n");
  }
  const records: SourceRecord[] = [];
  for await (const batch of readLines(chunks(), { skipBlank: false })) records.push(...batch);
  assert.deepEqual(texts(records), ["before", "longer than 64 MB", "after"]);
  assert.deepEqual(
    records.map(({ line }) => line),
    [1, 2, 3],
  );
});

test("offsets grow to the size of the input", async () => {
  const input = "å\nbb\nccc\n";
  const records = await linesOf(input, { sizes: [4] });
  const offsets = records.map(({ offset }) => offset);
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
  );
  assert.equal(offsets.at(-1), Buffer.byteLength(input));
});

test("any text is cut at its line ends, whatever the chunks", async () => {
  const text = fc.array(fc.constantFrom("a", "ø", "\n", "\r\n", "😀", ""), { maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(text, sizes, async (parts, chunkSizes) => {
      const whole = parts.join("");
      const expected = whole.split(/\r?\n/);
      if (expected.at(-1) === "") expected.pop();
      assert.deepEqual(texts(await linesOf(whole, { sizes: chunkSizes })), expected);
    }),
  );
});
