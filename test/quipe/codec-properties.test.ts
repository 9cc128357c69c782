/** The codec against structured clone as its model, on random values; and against messages that were damaged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";
import { checkLanes, ends } from "./ends.ts";

const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));
const text = fc.oneof(fc.string(), anyUnits, fc.string({ minLength: 20, maxLength: 200 }));
const primitive = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    -0,
    Number.NaN,
    Infinity,
    2 ** 31,
    2 ** 53,
  ),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  text,
);
const leaf = fc.oneof(
  primitive,
  fc.date({ noInvalidDate: true }),
  fc.constantFrom<unknown>(/a/g, new Map(), new Set(), [], {}),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  fc.uint8Array().map(({ buffer }) => buffer),
  fc.uint8Array({ minLength: 3 }).map(({ buffer }) => new DataView(buffer, 1, 2)),
  // On both sides of the length from which bytes stay where they are until they are copied.
  fc.integer({ min: 8100, max: 8300 }).map((length) => new Uint8Array(length).fill(length)),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double()).map((inner) => new Object(inner)),
  fc.string({ minLength: 90, maxLength: 110, unit: "binary" }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }),
    fc.sparseArray(tie("value"), { maxLength: 60, maxNumElements: 5 }),
    fc.dictionary(text, tie("value"), { maxKeys: 6, noNullPrototype: true }),
    fc.array(fc.tuple(primitive, tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(primitive, { maxLength: 4 }).map((items) => new Set(items)),
  ),
}));

test("any value comes out as structured clone would give it", () => {
  fc.assert(
    fc.property(value, (sent) => {
      const model = structuredClone(sent);
      assert.deepStrictEqual(fromParcel(toParcel(sent)), model);
    }),
    { numRuns: 300 },
  );
});

test("any two values that follow each other do not disturb each other, nor do their shapes", () => {
  fc.assert(
    fc.property(value, value, (first, second) => {
      for (let i = 0; i < 3; i++) {
        assert.deepStrictEqual(fromParcel(toParcel({ first, i })), structuredClone({ first, i }));
        assert.deepStrictEqual(fromParcel(toParcel([second])), structuredClone([second]));
      }
    }),
    { numRuns: 60 },
  );
});

test("any values come through a lane as structured clone would give them, waiting or not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 8 }), async (sent) => {
      const [left, right] = ends({ capacity: 3, maxBytes: 1_048_576 });
      const models = sent.map((item) => structuredClone(item));
      const sends = Promise.all(sent.map((item) => left.send(item)));
      for (const model of models) assert.deepStrictEqual(await right.receive(), model);
      await sends;
      checkLanes();
    }),
    { numRuns: 60 },
  );
});

test("any graph, with cycles and shared references, keeps its shape", () => {
  const edges = fc.array(
    fc.tuple(fc.nat(11), fc.nat(11), fc.constantFrom("field", "map", "set", "list")),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(edges, (drawn) => {
      const nodes = Array.from({ length: 12 }, (_, name) => ({
        name,
        fields: {} as Record<string, unknown>,
        map: new Map<unknown, unknown>(),
        set: new Set<unknown>(),
        list: [] as unknown[],
      }));
      for (const [from, to, kind] of drawn) link(nodes, from, to, kind);
      const copies = fromParcel(toParcel(nodes)) as typeof nodes;
      assert.deepStrictEqual(copies, structuredClone(nodes));
      for (const [from, to, kind] of drawn) assert.ok(isLinked(copies, from, to, kind));
    }),
    { numRuns: 100 },
  );
});

interface Node {
  readonly fields: Record<string, unknown>;
  readonly map: Map<unknown, unknown>;
  readonly set: Set<unknown>;
  readonly list: unknown[];
}

function link(nodes: readonly Node[], from: number, to: number, kind: string): void {
  const [source, target] = [nodes[from], nodes[to]];
  assert.ok(source !== undefined && target !== undefined);
  if (kind === "field") source.fields[`to ${to}`] = target;
  if (kind === "map") source.map.set(target, source);
  if (kind === "set") source.set.add(target);
  if (kind === "list") source.list.push(target);
}

function isLinked(nodes: readonly Node[], from: number, to: number, kind: string): boolean {
  const [source, target] = [nodes[from], nodes[to]];
  if (kind === "field") return source?.fields[`to ${to}`] === target;
  if (kind === "map") return source?.map.get(target) === source;
  if (kind === "set") return source?.set.has(target) === true;
  return source?.list.includes(target) === true;
}

test("a message that was cut off anywhere is an error, at once", () => {
  fc.assert(
    fc.property(value, fc.nat(), (sent, cut) => {
      const bytes = new Uint8Array(toParcel([sent]).bytes);
      const length = cut % bytes.length;
      assert.throws(() => decode(bytes.slice(0, length), 0, length), Error);
    }),
    { numRuns: 300 },
  );
});

test("a message with any bytes changed is an error or another value, and never hangs", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(value, damage, (sent, changes) => {
      const bytes = new Uint8Array(toParcel(sent).bytes);
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
      try {
        fromParcel({ bytes: bytes.slice().buffer });
      } catch (error) {
        assert.ok(error instanceof Error);
      }
      assert.deepStrictEqual(fromParcel(toParcel(["next", 1])), ["next", 1]);
    }),
    { numRuns: 500 },
  );
});

test("noise is an error or a value, and never hangs", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      try {
        fromParcel({ bytes: bytes.slice().buffer });
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
    { numRuns: 1000 },
  );
});
