/**
 * Paths into data, as JavaScript writes them: `a.b[3]["x y"]`.
 */
import { CommandError } from "./command-error.ts";

/** The keys of a path, outermost first. Throws a `CommandError` where it makes no sense. */
export function parseDataPath(path: string): string[] {
  const keys: string[] = [];
  const step = /\.?([^.[\]"'\s][^.[\]]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\['([^']*)'\]/y;
  while (step.lastIndex < path.length) {
    const at = step.lastIndex;
    const match = step.exec(path);
    const isSeparated = at === 0 || match?.[0].startsWith(".") || match?.[0].startsWith("[");
    if (match === null || !isSeparated || (at === 0 && match[0].startsWith("."))) {
      throw new CommandError(`the path "${path}" makes no sense from "${path.slice(at)}" on.`);
    }
    const [, name, index, quoted, single] = match;
    keys.push(name ?? index ?? single ?? unquoted(quoted as string, path));
  }
  return keys;
}

function unquoted(quoted: string, path: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw new CommandError(`the path "${path}" has a key that is no JSON string: ${quoted}.`);
  }
}

/** Keys that an error lists. */
const KEYS_LISTED = 8;

/** What lies at the end of `keys`. Throws a `CommandError` if there is nothing. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  keys.forEach((key, depth) => {
    if (value instanceof Map && value.has(key)) {
      value = value.get(key);
      return;
    }
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      const place = depth === 0 ? "the data" : keys.slice(0, depth).join(".");
      throw new CommandError(`there is no "${key}" in ${place}${listed(value)}.`);
    }
    value = (value as Record<string, unknown>)[key];
  });
  return value;
}

function listed(value: unknown): string {
  if (Array.isArray(value)) return `, an array of ${value.length}`;
  if (typeof value !== "object" || value === null) return `, which is ${String(value)}`;
  const keys = value instanceof Map ? [...value.keys()].map(String) : Object.keys(value);
  const shown = keys.slice(0, KEYS_LISTED).join(", ");
  if (keys.length === 0) return ", which is empty";
  return `, which has ${shown}${keys.length > KEYS_LISTED ? ", …" : ""}`;
}
