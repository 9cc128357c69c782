/** What cannot be sent is refused, with the path to it, and refusing leaves the codec as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { decode, fromParcel } from "../../src/quipe/decode.ts";
import { encode } from "../../src/quipe/encode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";
import { withSmallStack } from "../here.ts";

class Point {
  x = 1;
}

function refusal(value: unknown): string {
  try {
    toParcel(value);
  } catch (error) {
    assert.ok(error instanceof QuipeError, String(error));
    assert.equal(error.code, "not-sendable");
    assert.deepStrictEqual(fromParcel(toParcel({ after: ["a", "refusal"] })), {
      after: ["a", "refusal"],
    });
    return error.message;
  }
  return assert.fail("not refused");
}

const culprits: readonly (readonly [string, unknown, RegExp])[] = [
  ["a function", () => 1, /^\$ cannot be sent: it is a function/],
  ["a symbol", Symbol("s"), /^\$ cannot be sent: it is a symbol/],
  ["a function in a list", [1, [2, () => 3]], /^\$\[1\]\[1\] cannot/],
  [
    "a method",
    {
      name: "a",
      run() {
        return 1;
      },
    },
    /^\$\.run cannot/,
  ],
  ["under an odd key", { "odd key": { 'a"b': Symbol("s") } }, /^\$\["odd key"\]\["a\\"b"\] cannot/],
  ["a class instance", { at: new Point() }, /^\$\.at cannot be sent: it is an instance of Point/],
  ["a subclass of Map", new (class Cache extends Map {})(), /instance of Cache/],
  ["a promise", { later: Promise.resolve() }, /^\$\.later cannot .* Promise/],
  ["a Blob", { file: new Blob(["x"]) }, /^\$\.file cannot .* Blob.*arrayBuffer/],
  ["a URL", [new URL("https://example.com")], /^\$\[0\] cannot .* URL.*href/],
  ["a message port", { port: new MessageChannel().port1 }, /^\$\.port cannot .* end of a quipe/],
  ["a class called Blob", new (class Blob {})(), /instance of Blob.*registerClass\(Blob\)/],
  ["a WeakMap", [new WeakMap()], /^\$\[0\] cannot .* WeakMap/],
  [
    "a generator",
    (function* () {
      yield 1;
    })(),
    /^\$ cannot/,
  ],
  ["a map's value", new Map([["k", Symbol("s")]]), /^\$\.get\("k"\) cannot/],
  ["a map's key", new Map([[() => 1, 1]]), /^\$\.key\(0\) cannot/],
  ["a set's item", new Set([1, () => 1]), /^\$\.item\(1\) cannot/],
  ["a boxed symbol", new Object(Symbol("s")), /^\$ cannot .* Symbol/],
  [
    "an element of a sparse array",
    Object.assign(new Array(1e6), { 999_999: Symbol("s") }),
    /^\$\[999999\] cannot/,
  ],
  ["an instance of an unnamed class", new (class {})(), /a class without a name/],
];

for (const [name, value, message] of culprits) {
  test(`refused with the path: ${name}`, () => assert.match(refusal(value), message));
}

test("a buffer whose memory was transferred away is refused, and so is a view of it", () => {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  assert.match(refusal({ buffer }), /^\$\.buffer cannot .* transferred/);
  assert.match(refusal([view]), /^\$\[0\]\.buffer cannot .* transferred/);
});

test("the culprit of a graph with cycles is found", () => {
  const graph: Record<string, unknown> = { a: { b: {} } };
  graph["self"] = graph;
  (graph["a"] as Record<string, unknown>)["up"] = graph;
  ((graph["a"] as Record<string, unknown>)["b"] as Record<string, unknown>)["bad"] = () => 1;
  assert.match(refusal(graph), /^\$\.a\.b\.bad cannot/);
});

test(
  "too deep a nesting is refused in words, whatever it is made of; a thousand levels are not too deep",
  { skip: withSmallStack },
  () => {
    const nests: ((inner: unknown) => unknown)[] = [
      (inner) => [inner],
      (inner) => ({ inner }),
      (inner) => new Map([[1, inner]]),
      (inner) => new Map([[inner, 1]]),
      (inner) => new Set([inner]),
    ];
    for (const nest of nests) {
      let value: unknown = 1;
      for (let level = 0; level < 1000; level++) value = nest(value);
      fromParcel(toParcel(value));
      for (let level = 0; level < 100_000; level++) value = nest(value);
      assert.match(refusal(value), /nested more than 1000 levels deep/);
    }
  },
);

test("a value that is encoded while another one is in use leaves that one alone", () => {
  const first = encode("first");
  const second = encode("second");
  assert.equal(decode(first.writer.bytes, 0, first.writer.length), "first");
  assert.equal(decode(second.writer.bytes, 0, second.writer.length), "second");
  second.release();
  first.release();
  assert.equal(fromParcel(toParcel("third")), "third");
});
