/** The memory that messages are written into. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";
import { Writer } from "../../src/quipe/writer.ts";

function message(writer: Writer, length: number): void {
  writer.clear();
  writer.raw(new Uint8Array(length));
  writer.rest();
}

test("memory that only one large message needed is given back after some small ones", () => {
  const writer = new Writer();
  message(writer, 1_000_000);
  assert.ok(writer.bytes.length >= 1_000_000);
  for (let i = 0; i < 100; i++) message(writer, 10);
  assert.ok(writer.bytes.length < 100_000);
});

test("a stream of large messages keeps its memory", () => {
  const writer = new Writer();
  message(writer, 1_000_000);
  const { bytes } = writer;
  for (let i = 0; i < 200; i++) message(writer, i % 10 === 0 ? 1_000_000 : 10);
  assert.equal(writer.bytes, bytes);
});

test("the memory of an enormous message is given back at once", () => {
  const writer = new Writer();
  message(writer, 20_000_000);
  assert.ok(writer.bytes.length < 100_000);
});

test("a parcel is a buffer and not a view, each element of which Deno would look at on arrival", () => {
  assert.ok(toParcel(new Uint8Array(100)).bytes instanceof ArrayBuffer);
});

test("bytes lie at a multiple of 8 in a message, wherever their array stands in the value", () => {
  for (let before = 0; before < 9; before++) {
    const value = ["x".repeat(before), Uint8Array.of(201, 202, 203, 204), "behind"];
    const parcel = toParcel(value);
    assert.equal(new Uint8Array(parcel.bytes).indexOf(201) % 8, 0);
    assert.deepEqual(fromParcel(parcel), value);
  }
});

test("a large message in the middle of small ones leaves them all readable", () => {
  for (let i = 0; i < 80; i++) {
    const value = i === 3 ? { bytes: new Uint8Array(300_000).fill(i) } : { id: i, name: `n${i}` };
    assert.deepEqual(fromParcel(toParcel(value)), value);
  }
});
