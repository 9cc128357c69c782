/**
 * Says why a value cannot live in shared memory, and where in the graph it was found.
 *
 * The encoder keeps no paths, since nearly always nobody asks for one. When it refuses, the graph is
 * searched once more, breadth first, for the value it refused: that gives a shortest path.
 */
import { QuipeError } from "../errors.ts";
import type { Primitive } from "./frozen.ts";

/** Thrown inside the encoder; becomes a `not-shareable` error with the path. */
export class Refusal {
  /** The value that was refused, or its holder when `key` says which property it is. */
  readonly value: unknown;
  readonly key: string | undefined;
  readonly reason: string;

  constructor(value: unknown, reason: string, key?: string) {
    this.value = value;
    this.reason = reason;
    this.key = key;
  }
}

/** The error for `refusal`, met while `root` was encoded. */
export function refusalError(root: unknown, refusal: Refusal): QuipeError {
  const path = pathTo(root, refusal.value) + (refusal.key === undefined ? "" : step(refusal.key));
  return new QuipeError(
    "not-shareable",
    `${path} cannot be shared: ${refusal.reason}. Nothing has changed.`,
  );
}

/** Whether `value` needs no shared memory. Throws `not-shareable` for a function or a symbol, which has no place at all. */
export function isPassedByValue(value: unknown): value is Primitive {
  if (typeof value === "function" || typeof value === "symbol") {
    throw refusalError(value, new Refusal(value, reasonAgainst(value)));
  }
  return typeof value !== "object" || value === null;
}

/** Words for a value that no region holds. */
export function reasonAgainst(value: unknown): string {
  if (typeof value === "function") return `it is the function ${value.name || "(anonymous)"}`;
  if (typeof value === "symbol") return `it is ${String(value)}`;
  const name = classNameOf(value);
  if (/^(WeakMap|WeakSet|WeakRef|Promise)$/.test(name)) return `it is a ${name}`;
  return `it is an instance of ${name}, a class that is not registered`;
}

function classNameOf(value: unknown): string {
  const constructor: unknown = Object(value).constructor;
  return typeof constructor === "function" && constructor.name !== ""
    ? constructor.name
    : "an unnamed class";
}

interface Found {
  readonly value: object;
  readonly path: string;
}

function pathTo(root: unknown, target: unknown): string {
  if (Object.is(root, target) || typeof root !== "object" || root === null) return "$";
  const seen = new Set<object>([root]);
  const queue: Found[] = [{ value: root, path: "$" }];
  for (const holder of queue) {
    for (const [name, value] of membersOf(holder.value)) {
      if (Object.is(value, target)) return holder.path + name;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      queue.push({ value, path: holder.path + name });
    }
  }
  return "$…";
}

function* membersOf(holder: object): Generator<[string, unknown]> {
  if (Array.isArray(holder)) {
    for (let i = 0; i < holder.length; i++) yield [`[${i}]`, holder[i]];
    return;
  }
  if (holder instanceof Map) {
    for (const [key, value] of holder) {
      yield [".keys()", key];
      yield [`.get(${typeof key === "string" ? JSON.stringify(key) : String(key)})`, value];
    }
    return;
  }
  if (holder instanceof Set) {
    for (const value of holder) yield [".values()", value];
    return;
  }
  for (const key of Object.keys(holder)) {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property !== undefined && "value" in property) yield [step(key), property.value];
  }
}

function step(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
