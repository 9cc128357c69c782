/** The codec against structured clone as its model, on random values; and against messages that were damaged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";

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
  fc.float64Array(),
  fc.bigInt64Array(),
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
