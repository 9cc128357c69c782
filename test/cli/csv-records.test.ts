/** Rows are objects by the header, and a bad row harms no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCsv } from "../../src/cli/csv-records.ts";
import type { SourceRecord } from "../../src/cli/source-record.ts";

async function rowsOf(input: string | Buffer, size = 65_536): Promise<SourceRecord[]> {
  const bytes = Buffer.from(input);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
  }
  const records: SourceRecord[] = [];
  for await (const batch of readCsv(chunks(), "input")) records.push(...batch);
  return records;
}

test("rows become objects by the names in the first row, whatever the chunks", async () => {
  const text = '\uFEFFname,note\r\nÅse,"a, ""b""\r\nc"\r\n\r\nBo,\r\n';
  for (const size of [1, 7, 65_536]) {
    const rows = await rowsOf(text, size);
    assert.deepEqual(
      rows.map(({ value, line }) => [value, line]),
      [
        [{ name: "Åse", note: 'a, "b"\r\nc' }, 2],
        [{ name: "Bo", note: "" }, 5],
      ],
    );
  }
});

test("a row with too few fields fails alone and says where", async () => {
  const rows = await rowsOf("a,b\n1,2\n3\n5,6\n");
  assert.deepEqual(
    rows.map(({ value }) => value),
    [{ a: "1", b: "2" }, undefined, { a: "5", b: "6" }],
  );
  assert.match(rows[1]?.error?.message ?? "", /columns length is 2, got 1 on line 3/);
});

test("a quote that is never closed is one failed row", async () => {
  const rows = await rowsOf('a\n1\n"2\n3\n');
  assert.equal(rows.length, 2);
  assert.match(rows[1]?.error?.message ?? "", /Quote Not Closed/);
});

test("a file that is not UTF-8 is refused as a whole", async () => {
  const bytes = Buffer.from("a\nJürgen\n", "latin1");
  await assert.rejects(rowsOf(bytes), { message: /^input is not valid UTF-8/ });
});

test("a header alone is no record", async () => {
  assert.deepEqual(await rowsOf("a,b\n"), []);
  assert.deepEqual(await rowsOf(""), []);
});
