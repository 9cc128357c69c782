/**
 * Random edits of a graph, made to shared data and to its plain twin in the same words.
 *
 * An edit names its place by a number, so that it means something for any graph: the objects that are there
 * are counted in the order in which a comparison meets them.
 */
import fc from "fast-check";
import { locate } from "../../src/memory/location.ts";
import { build, define, fresh, type GraphPlan, graphs, keys, leaf } from "./graph-plans.ts";
import type { Pair } from "./same-graph.ts";

/** What is put in: something new, or what is there already. */
export type ValuePlan =
  | { readonly leaf: unknown }
  | { readonly graph: GraphPlan }
  /** An object of the same graph, or one that was there before. */
  | { readonly alias: number }
  /** New data around such an object. */
  | { readonly around: number }
  /** Frozen data of another region. */
  | { readonly foreign: number };

/** One edit. */
export interface Edit {
  readonly place: number;
  readonly verb: number;
  readonly key: string;
  readonly index: number;
  readonly values: readonly ValuePlan[];
}

const value: fc.Arbitrary<ValuePlan> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ leaf }) },
  { weight: 2, arbitrary: fc.record({ graph: graphs(4) }) },
  { weight: 4, arbitrary: fc.record({ alias: fc.nat(500) }) },
  { weight: 2, arbitrary: fc.record({ around: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ foreign: fc.nat(3) }) },
);

/** Any edit. */
export const edits: fc.Arbitrary<Edit> = fc.record({
  place: fc.nat(500),
  verb: fc.nat(59),
  key: keys,
  index: fc.nat(9),
  values: fc.array(value, { minLength: 2, maxLength: 4 }),
});

/** What an edit may need to know of both graphs. */
export interface Scene {
  /** Objects that are in the graph now. */
  readonly present: readonly Pair[];
  /** Objects that are or were in it. */
  readonly remembered: readonly Pair[];
  /** Frozen data that may be referred to. */
  readonly foreign: readonly Pair[];
}

/** Does `edit` to both graphs, and gives what it returned. Undefined if there is nothing to edit at its place. */
export function perform(edit: Edit, scene: Scene): { twin: unknown; view: unknown } | undefined {
  const editable = scene.present.filter(isEditable);
  const pair = editable[edit.place % Math.max(editable.length, 1)];
  if (pair === undefined) return undefined;
  const values = edit.values.map((plan) => valuePair(plan, scene));
  const verbs = verbsFor(pair.twin);
  const verb = verbs[edit.verb % verbs.length] as Verb;
  const { key, index } = edit;
  const inTwin = verb(pair.twin as never, { key, index, values: values.map(({ twin }) => twin) });
  const inView = verb(pair.view as never, { key, index, values: values.map(({ view }) => view) });
  return { twin: inTwin, view: inView };
}

function isEditable({ twin, view }: Pair): boolean {
  const isContainer =
    Array.isArray(twin) || twin instanceof Map || twin instanceof Set || isPlain(twin);
  return isContainer && locate(view)?.region.isOwned === true;
}

function isPlain(twin: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(twin);
  return prototype === Object.prototype || prototype === null;
}

function valuePair(plan: ValuePlan, { remembered, foreign }: Scene): Omit<Values, "path"> {
  if ("leaf" in plan) return { twin: fresh(plan.leaf), view: fresh(plan.leaf) };
  if ("graph" in plan) return { twin: build(plan.graph), view: build(plan.graph) };
  if ("foreign" in plan) return foreign[plan.foreign % foreign.length] as Pair;
  const at = "alias" in plan ? plan.alias : plan.around;
  const pair = remembered[at % remembered.length] as Pair;
  if ("alias" in plan) return pair;
  const around = (inside: object): object => ({ inside, list: [inside, { again: inside }] });
  return { twin: around(pair.twin), view: around(pair.view) };
}

interface Values {
  readonly twin: unknown;
  readonly view: unknown;
}

interface Words {
  readonly key: string;
  readonly index: number;
  readonly values: readonly unknown[];
}

type Verb = (holder: never, words: Words) => unknown;
type List = unknown[];
type AnyMap = Map<unknown, unknown>;
type AnySet = Set<unknown>;

function verbsFor(twin: object): readonly Verb[] {
  if (Array.isArray(twin)) return listVerbs;
  if (twin instanceof Map) return mapVerbs;
  return twin instanceof Set ? setVerbs : objectVerbs;
}

const objectVerbs: readonly Verb[] = [
  (holder: object, { key, values }) => define(holder, key, values[0]),
  (holder: object, { key, values }) => assign(holder, key, values[0]),
  (holder: object, { key }) => Reflect.deleteProperty(holder, key),
  (holder: object, { index, values }) => {
    const key = Object.keys(holder)[index % Math.max(1, Object.keys(holder).length)] ?? "first";
    assign(holder, key, values[0]);
  },
  (holder: object, { index }) => {
    const key = Object.keys(holder)[index % Math.max(1, Object.keys(holder).length)] ?? "none";
    return Reflect.deleteProperty(holder, key);
  },
  (holder: object, { values }) => {
    // Enough to outgrow a table, and then most of it goes again.
    for (let i = 0; i < 40; i++) assign(holder, `added ${i}`, i === 0 ? values[0] : i);
    for (let i = 0; i < 40; i++) if (i % 5 !== 0) Reflect.deleteProperty(holder, `added ${i}`);
  },
];

const listVerbs: readonly Verb[] = [
  (list: List, { values }) => list.push(...values),
  (list: List) => list.pop(),
  (list: List) => list.shift(),
  (list: List, { values }) => list.unshift(values[0]),
  (list: List, { index, values }) => void (list[index] = values[0]),
  (list: List, { index, values }) => void (list[index % Math.max(1, list.length)] = values[0]),
  (list: List, { index }) => Reflect.deleteProperty(list, String(index)),
  (list: List, { index, values }) =>
    list.splice(index % (list.length + 1), values.length % 3, ...values.slice(1)),
  (list: List) => void list.sort(byNature),
  (list: List) => void list.reverse(),
  (list: List, { index }) => (list.length = index),
  (list: List, { index }) => (list.length = Math.max(0, list.length - index)),
  (list: List, { index }) => void list.fill(list[0], index % 3, 4),
  (list: List, { index }) => void list.copyWithin(0, index % 4),
  (list: List) => {
    for (let i = 0; i < 30; i++) list.push(i);
  },
];

const mapVerbs: readonly Verb[] = [
  (map: AnyMap, { values }) => void map.set(values[0], values[1]),
  (map: AnyMap, { key, values }) => void map.set(key, values[0]),
  (map: AnyMap, { key }) => map.delete(key),
  (map: AnyMap, { values }) => map.delete(values[0]),
  (map: AnyMap, { index }) => map.delete([...map.keys()][index]),
  (map: AnyMap, { index, values }) => void map.set([...map.keys()][index], values[0]),
  (map: AnyMap) => map.clear(),
  (map: AnyMap) => {
    for (let i = 0; i < 40; i++) map.set(i, `value ${i}`);
    for (let i = 0; i < 40; i++) if (i % 5 !== 0) map.delete(i);
  },
];

const setVerbs: readonly Verb[] = [
  (set: AnySet, { values }) => void set.add(values[0]),
  (set: AnySet, { values }) => set.delete(values[0]),
  (set: AnySet, { index }) => set.delete([...set][index]),
  (set: AnySet) => set.clear(),
  (set: AnySet) => {
    for (let i = 0; i < 40; i++) set.add(i);
    for (let i = 0; i < 40; i++) if (i % 5 !== 0) set.delete(i);
  },
];

/** Assigning to `__proto__` would be about the prototype. */
function assign(holder: object, key: string, given: unknown): void {
  if (key === "__proto__") define(holder, key, given);
  else (holder as Record<string, unknown>)[key] = given;
}

/** An order that says nothing of objects, which have none. */
function byNature(one: unknown, other: unknown): number {
  const first = rank(one);
  const second = rank(other);
  return first < second ? -1 : Number(first > second);
}

function rank(given: unknown): string {
  return typeof given === "object" ? "object" : `${typeof given} ${given as number}`;
}
