/**
 * Deep copies out of shared memory into ordinary objects, without recursion.
 */
import { QuipeError } from "../errors.ts";
import { isPlainPrototype } from "./plain-keys.ts";

/** A deep copy of `root`; cycles and shared references are kept. */
export function copyOut(root: unknown): unknown {
  const copies = new Map<object, object>();
  const pending: object[] = [];
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    let copy = copies.get(value);
    if (copy === undefined) {
      copy = emptyLike(value);
      copies.set(value, copy);
      pending.push(value);
    }
    return copy;
  };
  const result = copyOf(root);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    fill(copies.get(next) as object, next, copyOf);
  }
  return result;
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isPlainPrototype(prototype)) {
    throw new QuipeError(
      "not-shareable",
      "Only what shared memory holds can be copied by plain().",
    );
  }
  return prototype === null ? (Object.create(null) as object) : {};
}

function fill(copy: object, source: object, copyOf: (value: unknown) => unknown): void {
  if (Array.isArray(source)) {
    const list = copy as unknown[];
    const elements: unknown[] = source.slice();
    list.length = elements.length;
    for (let i = 0; i < elements.length; i++) if (i in elements) list[i] = copyOf(elements[i]);
    return;
  }
  for (const [key, value] of Object.entries(source)) {
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
