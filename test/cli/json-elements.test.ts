/** Elements are the same as `JSON.parse` finds, however the bytes arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readJsonElements } from "../../src/cli/json-elements.ts";
import { longestRecordBytes, type SourceRecord } from "../../src/cli/source-record.ts";

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function elementsOf(input: string | Buffer, sizes = [65_536]): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const batches = readJsonElements(chunksOf(Buffer.from(input), sizes), "input");
  for await (const batch of batches) records.push(...batch);
  return records;
}

function parsed(records: readonly SourceRecord[]): unknown[] {
  return records.map(({ value }) => JSON.parse(String(value)) as unknown);
}

test("the elements of an array are its values, whatever the chunks and the spaces", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const array = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(array, fc.constantFrom(0, 2), sizes, async (values, indent, chunkSizes) => {
      const text = JSON.stringify(values, null, indent);
      const expected = JSON.parse(text) as unknown[];
      assert.deepEqual(parsed(await elementsOf(text, chunkSizes)), expected);
    }),
  );
});

test("values one after the other need white space only where JSON does", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const values = fc.array(
    fc.oneof(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), fc.string(), fc.integer()),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.constantFrom(" ", "\n", "\r\n"),
      sizes,
      async (list, gap, chunkSizes) => {
        const text = list.map((value) => JSON.stringify(value)).join(gap);
        const expected = list.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        assert.deepEqual(parsed(await elementsOf(text, chunkSizes)), expected);
      },
    ),
  );
  assert.deepEqual(parsed(await elementsOf('{"a":1}{"a":2}"x""y"[1][2]')), [
    { a: 1 },
    { a: 2 },
    "x",
    "y",
    [1],
    [2],
  ]);
});

test("a byte order mark, an empty array and an empty input are fine", async () => {
  assert.deepEqual(parsed(await elementsOf("\uFEFF[1]")), [1]);
  assert.deepEqual(await elementsOf(" [ \n ] \n"), []);
  assert.deepEqual(await elementsOf(""), []);
});

test("each element knows the line on which it begins", async () => {
  const records = await elementsOf('[\n  {"a":\n 1},\n  2\n]\n');
  assert.deepEqual(
    records.map(({ line }) => line),
    [2, 4],
  );
});

test("what is not JSON as a whole is refused with the place, after the elements before it", async () => {
  const cases: [string, RegExp][] = [
    ["[1, 2", /^input is not JSON: it ends in the middle of its array\.$/],
    ['{"a": [1, 2]', /it ends in the middle of a value/],
    ['["a, 2]', /it ends in the middle of its array/],
    ["[1,\n,2]", /a value is missing in its array, at line 2/],
    ["[1,]", /a value is missing in its array, at line 1/],
    ["[1]\n\n[2]", /it goes on after the end of its array, at line 3/],
  ];
  for (const [text, message] of cases) {
    for (const sizes of [[1], [65_536]]) await assert.rejects(elementsOf(text, sizes), { message });
  }
  const seen: unknown[] = [];
  await assert.rejects(async () => {
    for await (const batch of readJsonElements(
      chunksOf(Buffer.from("[1, 2, 3"), [65_536]),
      "input",
    )) {
      seen.push(...parsed(batch));
    }
  });
  assert.deepEqual(seen, [1, 2]);
});

test("an element that is not UTF-8 fails alone", async () => {
  const bytes = Buffer.concat([Buffer.from('["å","'), Buffer.from([0xfc]), Buffer.from('",3]')]);
  const records = await elementsOf(bytes, [2]);
  assert.equal(records.length, 3);
  assert.match(records[1]?.error?.message ?? "", /not valid UTF-8/);
  assert.equal(records[2]?.value, "3");
});

test("an element longer than a record may be fails alone, and its bytes are not kept", async () => {
  const mebibyte = Buffer.alloc(1024 * 1024, "x");
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from('[1, "');
    for (let i = 0; i <= longestRecordBytes / mebibyte.length; i++) yield mebibyte;
    yield Buffer.from('", 3]');
  }
  const records: SourceRecord[] = [];
  for await (const batch of readJsonElements(chunks(), "input")) records.push(...batch);
  assert.deepEqual(
    records.map((record) => record.error?.message ?? record.value),
    ["1", "longer than 64 MB", "3"],
  );
});
