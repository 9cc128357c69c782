/**
 * Random graphs of everything that shared memory holds, as plans: a plan is plain data, so it prints, shrinks,
 * and can be built as often as it is needed, each time from new objects.
 *
 *   nodes  ─ records, lists, dictionaries, Maps, … with what they hold that is no node
 *   edges  ─ from one node to another or itself: cycles and shared references
 */
import fc from "fast-check";

/** What one object holds besides edges. */
export type NodePlan =
  | { readonly kind: "record" | "bare" | "error"; readonly fields: readonly Field[] }
  | { readonly kind: "list"; readonly items: readonly unknown[] }
  | { readonly kind: "rows" | "dictionary"; readonly count: number; readonly value: unknown }
  | { readonly kind: "map"; readonly entries: readonly (readonly [unknown, unknown])[] }
  | { readonly kind: "set"; readonly items: readonly unknown[] };

type Field = readonly [key: string, value: unknown];

/** A reference from one object to another. */
export interface EdgePlan {
  readonly from: number;
  readonly to: number;
  readonly key: string;
}

/** A graph; the first node is its root. */
export interface GraphPlan {
  readonly nodes: readonly NodePlan[];
  readonly edges: readonly EdgePlan[];
}

const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 2, arbitrary: anyUnits },
  { weight: 1, arbitrary: fc.string({ unit: "binary-ascii", minLength: 100, maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "\ud800", "\u0080\u009f", "ab".repeat(20_000)) },
);

/** Keys that meet each other often, and the awkward ones. */
export const keys: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("a", "b", "c", "name", "id", "0", "7", "4294967295", "-1"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("__proto__", "constructor", "length", "toString", "", "\ud800"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
);

const primitive = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 2, arbitrary: fc.double() },
  { weight: 3, arbitrary: text },
  {
    weight: 3,
    arbitrary: fc.constantFrom(null, undefined, true, false, -0, Number.NaN, Infinity, 2 ** 31),
  },
  { weight: 1, arbitrary: fc.bigInt() },
);

/** What is a value of its own: primitives, and objects that hold no others. */
export const leaf: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: primitive },
  { weight: 1, arbitrary: fc.date({ noInvalidDate: false }) },
  { weight: 1, arbitrary: fc.constantFrom(/a(b)+/giu, /\/[/]"\n/) },
  { weight: 1, arbitrary: fc.oneof(fc.uint8Array(), fc.float64Array(), fc.bigInt64Array()) },
);

const fields = fc.array(fc.tuple(keys, leaf), { maxLength: 5 });
const few = { maxLength: 5 };

const node: fc.Arbitrary<NodePlan> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("record", "record", "bare", "error"), fields }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("list"),
      items: fc.oneof(
        fc.array(leaf, few),
        fc.array(fc.integer(), few),
        fc.array(fc.double(), few),
        fc.array(fc.string({ maxLength: 3 }), few),
        fc.sparseArray(leaf, { maxLength: 9, maxNumElements: 4 }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("rows", "dictionary"),
      count: fc.integer({ min: 60, max: 90 }),
      value: primitive,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("map"),
      entries: fc.array(fc.tuple(leaf, leaf), few),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("set"), items: fc.array(leaf, few) }) },
) as fc.Arbitrary<NodePlan>;

/** Graphs of up to `mostNodes` nodes. */
export function graphs(mostNodes: number): fc.Arbitrary<GraphPlan> {
  const edge = fc.record({ from: fc.nat(mostNodes - 1), to: fc.nat(mostNodes - 1), key: keys });
  return fc.record({
    nodes: fc.array(node, { minLength: 1, maxLength: mostNodes }),
    edges: fc.array(edge, { maxLength: mostNodes * 2 }),
  });
}

/** Builds the graph from new objects, and gives its root. */
export function build({ nodes, edges }: GraphPlan): object {
  const made = nodes.map(buildNode);
  for (const { from, to, key } of edges) {
    link(made[from % made.length] as object, key, made[to % made.length] as object);
  }
  return made[0] as object;
}

/** The same value again, from new objects. */
export function fresh(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

/** Gives `holder` a property, whatever the key is. */
export function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function buildNode(plan: NodePlan): object {
  switch (plan.kind) {
    case "record":
      return withFields({}, plan.fields);
    case "bare":
      return withFields(Object.create(null) as object, plan.fields);
    case "error":
      return withFields(new RangeError("too far"), plan.fields);
    case "list":
      return fresh(plan.items) as object;
    case "rows":
      return Array.from({ length: plan.count }, (_, id) => ({ id, value: fresh(plan.value) }));
    case "dictionary":
      return withFields(
        {},
        Array.from({ length: plan.count }, (_, i) => [`key ${i}`, plan.value]),
      );
    case "map":
      return new Map(plan.entries.map(([key, value]) => [fresh(key), fresh(value)]));
    case "set":
      return new Set(plan.items.map(fresh));
  }
}

const HIDDEN_IN_ERRORS = new Set(["message", "stack", "cause", "name", "errors", "constructor"]);

function withFields(holder: object, given: readonly Field[]): object {
  for (const [key, value] of given) {
    const isHidden = holder instanceof Error && HIDDEN_IN_ERRORS.has(key);
    if (!isHidden) define(holder, key, fresh(value));
  }
  return holder;
}

function link(holder: object, key: string, target: object): void {
  if (Array.isArray(holder)) holder.push(target);
  else if (holder instanceof Map) {
    if (key.length % 2 === 0) holder.set(target, key);
    else holder.set(key, target);
  } else if (holder instanceof Set) holder.add(target);
  else if (holder instanceof Error) {
    // As the constructor makes it: not enumerable.
    Object.defineProperty(holder, "cause", { value: target, writable: true, configurable: true });
  } else define(holder, key, target);
}
