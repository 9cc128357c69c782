/**
 * What the compiler refuses to share, and what it must not refuse. Compiled with everything else: an expectation
 * that does not hold fails the build. Nothing here runs.
 */
import {
  freeze,
  freezeAll,
  registerClass,
  share,
  spawn,
  struct,
  f64,
  str,
} from "../../src/index.ts";
import type { End, Frozen, FrozenAll, Shareable } from "../../src/index.ts";

/* What is refused, wherever the compiler can tell. */

export function refused(isKnown: boolean, anything: unknown): void {
  // @ts-expect-error -- a function
  freeze(() => 1);
  // @ts-expect-error -- a class
  share(Particle);
  // @ts-expect-error -- a symbol
  freeze(Symbol("s"));
  // @ts-expect-error -- a promise
  freeze(Promise.resolve(1));
  // @ts-expect-error -- an async function that was not awaited
  void share(later());
  // @ts-expect-error -- a weak collection
  share(new WeakMap<object, number>());
  // @ts-expect-error -- a weak reference, deep inside
  freeze({ list: [{ weak: new WeakRef({}) }] });
  // @ts-expect-error -- a promise, deep inside
  freeze({ deep: { later: later() } });
  // @ts-expect-error -- an optional promise
  freeze(anything as { later?: Promise<number> });
  // @ts-expect-error -- a function in a list
  freeze([1, () => 1]);
  // @ts-expect-error -- a symbol in a tuple
  freeze(["a", Symbol("s")] as const);
  // @ts-expect-error -- a function as a value of a Map
  share(new Map([["a", () => 1]]));
  // @ts-expect-error -- a symbol in a Set
  share(new Set([Symbol("s")]));
  // @ts-expect-error -- a dictionary of functions
  freeze(anything as Record<string, () => void>);
  // @ts-expect-error -- it may be a function
  freeze(isKnown ? "text" : () => 1);
  // @ts-expect-error -- the second one is a function
  freezeAll([{ a: 1 }, () => 2]);
  // @ts-expect-error -- the second one holds a promise
  freezeAll([1, { later: later() }], { forever: true });
}

/* What is sent is refused for the same reasons. */

export function refusedToSend(end: End, typed: End<{ count: number }>): void {
  // @ts-expect-error -- a function as an argument
  spawn((callback: () => number) => callback(), [() => 1]);
  // @ts-expect-error -- a promise as an argument
  spawn(async (pending: Promise<number>) => await pending, [later()]);
  // @ts-expect-error -- a function
  void end.send(() => 1);
  // @ts-expect-error -- a promise in a list
  end.sendSync([later()]);
  // @ts-expect-error -- a symbol
  end.trySend({ key: Symbol("s") });
  // @ts-expect-error -- not what the end sends
  void typed.send({ count: "one" });
  // @ts-expect-error -- more than what the end sends
  void typed.send({ count: 1, extra: 2 });
}

/* What must not be refused. */

class Vector {
  readonly x: number = 3;
  private readonly secret: () => void = () => {};
  get length(): number {
    return Math.hypot(this.x, 4);
  }
  async later(): Promise<number> {
    this.secret();
    return this.x;
  }
  get eventually(): Promise<number> {
    return this.later();
  }
}
registerClass(Vector);

class Particle extends struct({ x: f64, name: str }) {
  get radius(): number {
    return Math.abs(this.x);
  }
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Node {
  readonly name: string;
  next: Node | null;
  peers?: readonly Node[];
  byName: Map<string, Node>;
  seen: ReadonlySet<Node>;
}

type Shape = { kind: "circle"; radius: number } | { kind: "square"; side?: number };

export function accepted(json: Json, node: Node, shape: Shape, given: unknown): void {
  freeze(json);
  freeze(node);
  freeze(shape);
  freeze(given);
  freeze(JSON.parse("{}"));
  freeze(undefined as never);
  freeze(new Vector());
  freeze({ vectors: [new Vector()], particle: new Particle({ x: 1, name: "a" }) });
  freeze({
    date: new Date(),
    expression: /a/,
    error: new RangeError("r"),
    big: 1n,
    none: undefined,
  });
  freeze([new Uint8Array(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1))]);
  freeze(new Map<object, Set<object>>());
  freeze({ a: 1 } as const);
  freeze(freeze(node));
  share(freeze(node));
  freezeAll([node, json, "text", { a: [1] }]);
  spawn((count: number, list: readonly string[]) => list[count], [1, ["a", "b"]]);
  spawn((tree: Json) => tree, [json]);
  spawn(() => 1);
}

export function acceptedToSend(end: End, node: Node, given: unknown): void {
  void end.send(node);
  void end.send(given);
  end.trySend({ frozen: freeze(node) });
}

/* An end of some type is an end. */

export function anyEnd(typed: End<{ count: number }, string>): readonly End[] {
  return [typed];
}

/* Generic functions of programs, which know nothing of their own parameters. */

export function anyOf<T>(value: T): Frozen<T> {
  return freeze(value);
}

export function objectOf<T extends object>(value: T): T {
  return share(value);
}

export function listOf<T>(values: T[]): Frozen<{ values: T[]; byName: Map<string, T> }> {
  return freeze({ values, byName: new Map<string, T>() });
}

export function allOf<T extends readonly unknown[]>(values: T): FrozenAll<T> {
  return freezeAll(values);
}

export function dictionaryOf<Key extends string, Value>(value: Record<Key, Value>): unknown {
  return freeze(value);
}

export function handedOn<T>(value: Shareable<T>): Frozen<T> {
  return freeze<T>(value);
}

export function sentOn<Item>(end: End<Item>, item: Item): Promise<void> {
  return end.send(item);
}

async function later(): Promise<number> {
  return 1;
}
