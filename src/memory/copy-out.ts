/**
 * Deep copies out of shared memory into ordinary objects, without recursion.
 */
import { QuipeError } from "../errors.ts";
import { type AnyClass, classNameOf, errorClassNameOf, makeErrorOf } from "./classes.ts";
import { HIDDEN_ERROR_KEYS } from "./encode-boxes.ts";
import { isPlainPrototype } from "./plain-keys.ts";
import { SharedNumbers } from "./shared-bytes.ts";
import { fieldsOf, isStructInstance } from "./struct-guards.ts";
import { stage } from "./struct-instances.ts";

/** A deep copy of `root`; cycles and shared references are kept. Structs become plain objects. */
export function copyOut(root: unknown): unknown {
  return copyGraph(root, { keepsStructs: false });
}

/** The same, with structs that are new instances of their classes: what can be shared again unchanged. */
export function copyToShare(root: unknown): unknown {
  return copyGraph(root, { keepsStructs: true });
}

function copyGraph(root: unknown, { keepsStructs }: { readonly keepsStructs: boolean }): unknown {
  const copies = new Map<object, object>();
  const pending: object[] = [];
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    let copy = copies.get(value);
    if (copy === undefined) {
      copy = keepsStructs && isStructInstance(value) ? emptyStruct(value) : emptyLike(value);
      copies.set(value, copy);
      pending.push(value);
    }
    return copy;
  };
  const result = copyOf(root);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const copy = copies.get(next) as object;
    if (keepsStructs && isStructInstance(next)) fillStruct(copy, next, copyOf);
    else fill(copy, next, copyOf);
  }
  return result;
}

function emptyStruct(struct: object): object {
  return Object.create((struct.constructor as AnyClass).prototype as object) as object;
}

function fillStruct(copy: object, struct: object, copyOf: (value: unknown) => unknown): void {
  const fields = Object.entries(fieldsOf(struct)).map(([key, value]) => [key, copyOf(value)]);
  stage(
    copy,
    struct.constructor as AnyClass,
    Object.fromEntries(fields) as Record<string, unknown>,
  );
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return [];
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof SharedNumbers) return value.toOriginal();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return structuredClone(value);
  if (value instanceof Error) return emptyError(value);
  if (isStructInstance(value)) return {};
  const prototype: unknown = Object.getPrototypeOf(value);
  if (classNameOf(value) !== undefined) return Object.create(prototype as object) as object;
  if (!isPlainPrototype(prototype)) {
    throw new QuipeError(
      "not-shareable",
      "Only what shared memory holds can be copied by plain().",
    );
  }
  return prototype === null ? (Object.create(null) as object) : {};
}

function emptyError(error: Error): Error {
  const copy = makeErrorOf(errorClassNameOf(error) ?? "Error");
  for (const key of HIDDEN_ERROR_KEYS) Reflect.deleteProperty(copy, key);
  return copy;
}

function fillError(copy: object, source: object, copyOf: (value: unknown) => unknown): void {
  for (const key of HIDDEN_ERROR_KEYS) {
    if (!Object.hasOwn(source, key)) continue;
    const value = copyOf((source as Record<string, unknown>)[key]);
    Object.defineProperty(copy, key, {
      value,
      enumerable: false,
      configurable: true,
      writable: true,
    });
  }
}

function fill(copy: object, source: object, copyOf: (value: unknown) => unknown): void {
  if (Array.isArray(source)) {
    const list = copy as unknown[];
    const elements: unknown[] = source.slice();
    list.length = elements.length;
    for (let i = 0; i < elements.length; i++) if (i in elements) list[i] = copyOf(elements[i]);
    return;
  }
  if (source instanceof Map) {
    for (const [key, value] of source)
      (copy as Map<unknown, unknown>).set(copyOf(key), copyOf(value));
    return;
  }
  if (source instanceof Set) {
    for (const value of source) (copy as Set<unknown>).add(copyOf(value));
    return;
  }
  if (ArrayBuffer.isView(copy) || copy instanceof ArrayBuffer) return;
  if (source instanceof Error) fillError(copy, source, copyOf);
  const fields = isStructInstance(source) ? fieldsOf(source) : source;
  for (const [key, value] of Object.entries(fields)) {
    if (key !== "__proto__") (copy as Record<string, unknown>)[key] = copyOf(value);
    else {
      const property = {
        value: copyOf(value),
        enumerable: true,
        configurable: true,
        writable: true,
      };
      Object.defineProperty(copy, key, property);
    }
  }
}
