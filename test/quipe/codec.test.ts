/** What goes into a message comes out of it: every kind of value that structured clone takes, and where quipe differs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { decode, fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";

function carried<T>(value: T): T {
  return fromParcel(toParcel(value)) as T;
}

const kinds: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  booleans: [true, false],
  "small integers": [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31)],
  "large integers": [2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53), 2 ** 63],
  fractions: [0.5, -1.25, Math.PI, Number.MIN_VALUE, Number.MAX_VALUE],
  "odd numbers": [-0, Number.NaN, Infinity, -Infinity],
  bigints: [0n, 1n, -1n, 255n, 256n, -256n, 2n ** 64n, -(2n ** 64n), 2n ** 1000n - 1n],
  "the empty string": "",
  "latin1 text": "na\u00efve \u00ff\u0080\u009f",
  "wide text": "\u65e5\u672c \u{1f600} \u0100",
  "lone surrogates": ["\ud800", "\udc00a", "a\ud83d"],
  "long text": ["x".repeat(100_000), "\u00e9".repeat(30), "\u65e5".repeat(9000)],
  "text with zeros": "a\0b",
  "an empty object": {},
  "an object": { a: 1, b: "two", c: { d: [3] } },
  "numeric keys": { 2: "b", 1: "a", x: 0 },
  "wide keys": { "\u65e5": 1, "\ud800": 2, "": 3 },
  "an empty array": [],
  "nested arrays": [[], [[]], [1, [2, [3]]]],
  "a long array": Array.from({ length: 3000 }, (_, i) => i * 1.5),
  dates: [new Date(0), new Date(-1), new Date(8.64e15)],
  "regular expressions": [/a(b)\/\n/giu, /^\u65e5$/ms, /x*/y],
  maps: new Map<unknown, unknown>([
    [1, "a"],
    [{ k: 1 }, new Map()],
    [Number.NaN, undefined],
  ]),
  sets: new Set<unknown>([1, "1", Number.NaN, new Set([[]])]),
  "boxed primitives": [
    new Object(1),
    new Object("text"),
    new Object(false),
    new Object(-0),
    new Object(5n),
  ],
  "an array buffer": Uint8Array.of(1, 2, 3).buffer,
  "an empty array buffer": new ArrayBuffer(0),
  "typed arrays": [
    Uint8Array.of(1, 255),
    Int8Array.of(-1),
    Uint8ClampedArray.of(300),
    Uint16Array.of(65_535),
    Int16Array.of(-2),
    Uint32Array.of(4e9),
    Int32Array.of(-3),
    Float32Array.of(0.5),
    Float64Array.of(-0, Number.NaN),
    BigInt64Array.of(-1n),
    BigUint64Array.of(2n ** 64n - 1n),
  ],
  "a data view": new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2),
  "an empty view": new Float64Array(0),
};

for (const [name, value] of Object.entries(kinds)) {
  test(`${name}: arrive as structured clone would give them`, () => {
    assert.deepStrictEqual(carried(value), value);
    assert.deepStrictEqual(carried(value), structuredClone(value));
  });
}

test("an invalid date stays one", () => {
  assert.ok(Number.isNaN(carried(new Date(Number.NaN)).getTime()));
});

test("holes stay holes, at the start, in the middle, at the end, and alone", () => {
  // eslint-disable-next-line no-sparse-arrays
  for (const array of [[, 1], [1, , 3], [1, , ,], [, ,], new Array(100)]) {
    const copy = carried(array);
    assert.equal(copy.length, array.length);
    assert.deepStrictEqual(Object.keys(copy), Object.keys(array));
  }
  const long = Array.from({ length: 200 }, (_, i) => ({ i }));
  delete long[70];
  delete long[199];
  assert.deepStrictEqual(carried(long), long);
  assert.equal(199 in carried(long), false);
});

test("an undefined element is no hole", () => {
  const copy = carried([undefined, 1]);
  assert.ok(0 in copy);
});

test("a nearly empty array of the greatest length takes a few bytes", () => {
  const array: unknown[] = [];
  array[4_294_967_294] = "last";
  array[7] = "seven";
  assert.ok(toParcel(array).bytes.byteLength < 100);
  const copy = carried(array);
  assert.equal(copy.length, 4_294_967_295);
  assert.deepStrictEqual(Object.keys(copy), ["7", "4294967294"]);
});

test("a short array keeps its other properties, as the match of a RegExp has them", () => {
  const match = /(?<first>b)c/.exec("abcd");
  assert.ok(match);
  const copy = carried(match);
  assert.equal(copy.index, 1);
  assert.equal(copy.input, "abcd");
  assert.deepStrictEqual({ ...copy.groups }, { first: "b" });
  assert.deepStrictEqual(carried(Object.assign([], { note: 1 })), Object.assign([], { note: 1 }));
  // eslint-disable-next-line no-sparse-arrays
  const both = Object.assign([, 1], { note: 1 });
  assert.deepStrictEqual(carried(both), both);
});

test("a long bigint takes time in proportion to its length", () => {
  const long = BigInt(`0x${"9a".repeat(120_000)}`);
  assert.equal(carried(long), long);
  assert.equal(carried(-long), -long);
});

test("prototypes: an object without one stays so, `__proto__` is a key like any other", () => {
  const bare = Object.assign(Object.create(null) as object, { a: 1 });
  assert.equal(Object.getPrototypeOf(carried(bare)), null);
  const tricky = JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}',
  ) as object;
  const copy = carried(tricky);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.deepStrictEqual(Object.keys(copy), ["__proto__", "constructor", "toString"]);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  const bareTricky = Object.create(null) as Record<string, unknown>;
  bareTricky["__proto__"] = 5;
  assert.deepStrictEqual(Object.entries(carried(bareTricky)), [["__proto__", 5]]);
});

test("key order is kept, symbol keys and hidden properties stay behind", () => {
  const object = { z: 1, a: 2, [Symbol("s")]: 3 };
  Object.defineProperty(object, "hidden", { value: 4 });
  const copy = carried(object);
  assert.deepStrictEqual(Reflect.ownKeys(copy), ["z", "a"]);
});

test("an accessor arrives as the value it gave", () => {
  const copy = carried({
    get sum() {
      return 3;
    },
  });
  assert.deepStrictEqual(Object.getOwnPropertyDescriptor(copy, "sum"), {
    value: 3,
    writable: true,
    enumerable: true,
    configurable: true,
  });
});

test("cycles and shared references are kept across every kind of container", () => {
  const shared = { name: "shared" };
  const map = new Map<unknown, unknown>();
  const set = new Set<unknown>();
  const array: unknown[] = [shared, map, set];
  const root = { array, map, set, shared, self: undefined as unknown, boxed: new Object(1) };
  root.self = root;
  map.set("root", root).set(map, set);
  set.add(set).add(array);
  array.push(array, root.boxed);
  const copy = carried(root);
  assert.equal(copy.self, copy);
  assert.equal(copy.array[0], copy.shared);
  assert.equal(copy.array[3], copy.array);
  assert.equal(copy.array[4], copy.boxed);
  assert.equal(copy.map.get("root"), copy);
  assert.equal(copy.map.get(copy.map), copy.set);
  assert.ok(copy.set.has(copy.set) && copy.set.has(copy.array));
});

test("a reference to any of a thousand objects finds the right one", () => {
  const objects = Array.from({ length: 1000 }, (_, i) => ({ i }));
  const copy = carried([...objects, ...objects.toReversed()]);
  for (let i = 0; i < 1000; i++) assert.equal(copy[i], copy[1999 - i]);
});

test("views of one buffer share it afterwards too", () => {
  const buffer = new ArrayBuffer(16);
  const views = { bytes: new Uint8Array(buffer, 4, 8), doubles: new Float64Array(buffer), buffer };
  const copy = carried(views);
  assert.equal(copy.bytes.buffer, copy.buffer);
  assert.equal(copy.doubles.buffer, copy.buffer);
  copy.doubles.fill(-1);
  assert.deepStrictEqual(copy.bytes, new Uint8Array(copy.buffer, 4, 8));
  assert.equal(views.doubles[0], 0);
});

test("a Buffer goes alone, without the rest of its pool, as a Uint8Array", () => {
  const buffer = Buffer.from("quipe");
  const copy = carried<Uint8Array>(buffer);
  assert.equal(Object.getPrototypeOf(copy), Uint8Array.prototype);
  assert.equal(copy.buffer.byteLength, 5);
  assert.deepStrictEqual([...copy], [...buffer]);
  const [one, other] = carried([buffer, buffer]) as [Uint8Array, Uint8Array];
  assert.equal(one, other);
});

// docs/runtimes.md: float16-arrays
test("half-precision arrays are carried where the runtime has them", (t) => {
  if (!("Float16Array" in globalThis))
    return t.skip("this runtime has no Float16Array [float16-arrays]");
  const halves = new globalThis.Float16Array([0.5, -2]);
  assert.deepStrictEqual(carried(halves), halves);
});

test("plain data of another realm is plain data", () => {
  const foreign = vm.runInNewContext("({ a: [1, { b: 2 }] })") as object;
  assert.deepStrictEqual(carried(foreign), { a: [1, { b: 2 }] });
});

test("a getter may send something itself while its object is encoded", () => {
  const inner = {
    deep: {
      get value(): unknown {
        return fromParcel(toParcel({ nested: [1, 2] }));
      },
    },
  };
  const outer = [
    inner,
    inner,
    {
      get again(): unknown {
        return carried(inner);
      },
    },
  ];
  const plain = { deep: { value: { nested: [1, 2] } } };
  assert.deepStrictEqual(carried<unknown>(outer), [plain, plain, { again: plain }]);
});

test("a getter that changes what is being encoded cannot break the message", () => {
  const array: unknown[] = [];
  array.push(
    {
      get x() {
        array.push("late");
        return 1;
      },
    },
    "second",
  );
  assert.deepStrictEqual(carried<unknown>(array), [{ x: 1 }, "second"]);
  const shrinking: unknown[] = [];
  shrinking.push(
    {
      get x() {
        shrinking.length = 1;
        return 1;
      },
    },
    "gone",
    "too",
  );
  const shrunk = carried<unknown[]>(shrinking);
  assert.deepStrictEqual(shrunk[0], { x: 1 });
  const map = new Map<unknown, unknown>();
  map
    .set("first", {
      get x() {
        map.set("late", 1);
        map.delete("second");
        return 1;
      },
    })
    .set("second", 2);
  assert.deepStrictEqual(
    carried<unknown>(map),
    new Map<string, unknown>([
      ["first", { x: 1 }],
      ["second", 2],
    ]),
  );
  const set = new Set<unknown>();
  set.add({
    get x() {
      set.add("late");
      return 1;
    },
  });
  assert.equal(carried(set).size, 1);
});

test("an exception of a getter comes to whoever sends, and the next message is right", () => {
  const wrong = new Error("getter");
  assert.throws(
    () =>
      toParcel([
        1,
        {
          get x(): never {
            throw wrong;
          },
        },
      ]),
    (error) => error === wrong,
  );
  assert.deepStrictEqual(carried([{ a: 1 }]), [{ a: 1 }]);
});

test("messages of any length are decoded from the middle of a larger buffer", () => {
  const value = { text: "\u65e5\u672c", big: 2n ** 70n, list: [1.5, -0] };
  const bytes = new Uint8Array(toParcel(value).bytes);
  for (const before of [0, 8, 40, 64]) {
    const larger = new Uint8Array(new SharedArrayBuffer(before + bytes.length + 5)).fill(0xff);
    larger.set(bytes, before);
    assert.deepStrictEqual(decode(larger, before, bytes.length), value);
  }
});

test("a million elements and a 20 MB string arrive whole", () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => i);
  const copy = carried(many);
  assert.equal(copy.length, many.length);
  assert.ok(copy.every((element, i) => element === i));
  const text = "0123456789".repeat(2_000_000);
  assert.equal(carried(text), text);
});

const Resizing = ArrayBuffer as unknown as new (
  length: number,
  options: { readonly maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void; readonly maxByteLength: number };
const canResize = "resizable" in ArrayBuffer.prototype;

// docs/runtimes.md: resizable-buffers
test(
  "a resizable buffer arrives resizable, and a view without a length follows it",
  {
    skip: canResize ? false : "this runtime has no resizable buffers [resizable-buffers]",
  },
  () => {
    const buffer = new Resizing(6, { maxByteLength: 64 });
    new Uint8Array(buffer).set([1, 2, 3, 4, 5, 6]);
    const sent = { buffer, all: new Uint8Array(buffer), some: new Uint8Array(buffer, 1, 2) };
    const copy = carried(sent);
    assert.deepStrictEqual(copy, structuredClone(sent));
    assert.equal(copy.all.buffer, copy.buffer);
    assert.equal(copy.buffer.maxByteLength, 64);
    copy.buffer.resize(20);
    assert.deepEqual([copy.all.length, copy.some.length], [20, 2]);
  },
);

test("large bytes arrive whole wherever they stand, and shared if they were", () => {
  const large = new Uint8Array(100_001).map((_, i) => i * 7);
  const half = new Uint16Array(large.buffer, 50_000, 1000);
  const sent = [
    "before",
    large,
    { half, again: large, wide: new Float64Array(5000).fill(0.5) },
    "x",
  ];
  const copy = carried(sent);
  assert.deepStrictEqual(copy, sent);
  const { half: halfCopy, again } = copy[2] as { half: Uint16Array; again: Uint8Array };
  assert.equal(again, copy[1]);
  assert.equal(halfCopy.buffer, again.buffer);
});

test("a getter that takes large bytes away before they are copied leaves a readable message", () => {
  const large = new Uint8Array(20_000).fill(1);
  const sent = {
    large,
    get taker() {
      structuredClone(large, { transfer: [large.buffer] });
      return "taken";
    },
    behind: { list: [1] },
  };
  const { taker, behind, large: copy } = carried(sent);
  assert.deepEqual([taker, behind, copy.length], ["taken", { list: [1] }, 20_000]);
});

test("short texts that differ in one unit, or in length only, stay apart", () => {
  const texts: string[] = [];
  for (let length = 0; length < 26; length++)
    for (const unit of ["a", "b", "\0", "\u00ff", "\u0100"]) texts.push("a".repeat(length) + unit);
  for (let i = 0; i < 3; i++) for (const text of texts) assert.equal(carried(text), text);
  assert.deepEqual(carried(texts), texts);
});
