/**
 * Random graphs and random edits of them, which a test applies to shared data and to a plain twin alike.
 */
import fc from "fast-check";

/** What is edited. Everything below may come to hold anything. */
export interface Data {
  record: Record<string, unknown>;
  list: unknown[];
  map: Map<unknown, unknown>;
  set: Set<unknown>;
  rows: { id: number; name: string; parent: unknown }[];
}

const plainly = { noNullPrototype: true };

const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("town", "a longer text that is met again and again, in many places"),
  fc.boolean(),
  fc.constantFrom(null, undefined, 0, -0, Number.NaN),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
);

const content: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.record({ id: fc.integer(), name: fc.string({ maxLength: 4 }) }, plainly),
  fc.array(scalar, { maxLength: 4 }),
  fc.array(fc.record({ id: fc.integer(), at: fc.array(fc.integer(), { maxLength: 2 }) }, plainly)),
  fc.dictionary(fc.string({ maxLength: 2 }), scalar, { maxKeys: 4, ...plainly }),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(/a+/g, /^b$/u),
);

const key: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "name", "0", "7");
const index: fc.Arbitrary<number> = fc.nat(7);
const mapKey: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom("a", 1, 1.5, true, null, undefined, 3n),
  fc.string({ maxLength: 1 }),
);

type Apply = (data: Data) => unknown;

function edits(
  name: string,
  apply: (value: unknown, at: number, by: string) => Apply,
): fc.Arbitrary<Edit> {
  return fc.tuple(content, index, key).map(([value, at, by]) => ({
    name: `${name} ${by} ${at}`,
    value,
    apply: apply(value, at, by),
  }));
}

/** One step. The name is for messages. */
export interface Edit {
  readonly name: string;
  readonly value: unknown;
  readonly apply: Apply;
}

/** An edit of {@link Data}. What it puts in is a copy each time. */
export const edit: fc.Arbitrary<Edit> = fc.oneof(
  edits("set", (value, _at, by) => (data) => (data.record[by] = structuredClone(value))),
  edits("delete", (_value, _at, by) => (data) => delete data.record[by]),
  edits("index", (value, at) => (data) => (data.list[at] = structuredClone(value))),
  edits("hole", (_value, at) => (data) => delete data.list[at]),
  edits("push", (value) => (data) => data.list.push(structuredClone(value))),
  edits("push text", (_value, at) => (data) => data.list.push(`text ${at}`)),
  edits("pop", () => (data) => data.list.pop()),
  edits("splice", (value, at) => (data) => data.list.splice(at, 1, structuredClone(value))),
  edits("length", (_value, at) => (data) => (data.list.length = at)),
  edits("empty", () => (data) => data.list.splice(0)),
  edits("link map", (_value, at) => (data) => (data.list[at] = data.map)),
  edits("link record", (_value, _at, by) => (data) => (data.record[by] = data.record)),
  edits(
    "row",
    (_value, at) => (data) => data.rows.push({ id: at, name: `row ${at}`, parent: null }),
  ),
  edits("row value", (_value, at) => (data) => {
    const row = data.rows[at];
    if (row !== undefined) row.id = at / 2;
  }),
  edits("row key", (value, at, by) => (data) => {
    const row = data.rows[at] as Record<string, unknown> | undefined;
    if (row !== undefined) row[by] = structuredClone(value);
  }),
  edits("row parent", (_value, at) => (data) => {
    const row = data.rows[at];
    if (row !== undefined) row.parent = data.rows[0];
  }),
  edits("drop row", () => (data) => data.rows.shift()),
  edits("many keys", () => (data) => {
    for (let i = 0; i < 70; i++) data.record[`key ${i}`] = i;
  }),
  edits("few keys", () => (data) => {
    for (let i = 0; i < 70; i++) delete data.record[`key ${i}`];
  }),
  edits("map clear", () => (data) => data.map.clear()),
  edits("map object", (value, at) => (data) => {
    const row = data.rows[at];
    if (row !== undefined) data.map.set(row, structuredClone(value));
  }),
  fc.tuple(mapKey, content).map(([by, value]) => ({
    name: "map set",
    value: [by, value],
    apply: (data: Data) => void data.map.set(by, structuredClone(value)),
  })),
  fc.tuple(mapKey, fc.boolean()).map(([by, isSet]) => ({
    name: "map or set delete",
    value: [by, isSet],
    apply: (data: Data) => (isSet ? data.set : data.map).delete(by),
  })),
  mapKey.map((by) => ({
    name: "set add",
    value: by,
    apply: (data: Data) => void data.set.add(by),
  })),
);

/** What a run begins with. */
export const start: fc.Arbitrary<Data> = fc.record(
  {
    record: fc.dictionary(fc.constantFrom("a", "b", "1"), content, plainly),
    list: fc.array(content, { maxLength: 6 }),
    map: fc.array(fc.tuple(mapKey, content), { maxLength: 5 }).map((entries) => new Map(entries)),
    set: fc.array(mapKey, { maxLength: 5 }).map((keys) => new Set(keys)),
    rows: fc.array(
      fc.record(
        { id: fc.integer(), name: fc.string({ maxLength: 4 }), parent: fc.constant(null) },
        plainly,
      ),
      { maxLength: 8 },
    ),
  },
  plainly,
);
