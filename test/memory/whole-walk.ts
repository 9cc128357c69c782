/**
 * Reads all there is of a value, in every way that a program may: keys, spread, methods of Maps, JSON.
 * Visits each object once, so it ends whenever there are finitely many.
 */

/** How much was seen: objects, and a number that depends on every primitive. */
export interface Seen {
  objects: number;
  digest: number;
}

/** Walks all of `root`. `mostObjects` is how many there can be at most. */
export function walkWhole(root: unknown, mostObjects: number): Seen {
  const seen: Seen = { objects: 0, digest: 0 };
  const known = new Set<object>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) {
      noteText(seen, String(value));
      continue;
    }
    if (known.has(value)) continue;
    known.add(value);
    if (++seen.objects > mostObjects) throw new Error("There are more objects than there can be.");
    visit(value, seen, pending);
  }
  return seen;
}

function visit(value: object, seen: Seen, pending: unknown[]): void {
  if (Array.isArray(value)) {
    for (const element of value) pending.push(element);
    pending.push(value.at(-1), value[0]);
    return;
  }
  if (value instanceof Map) {
    for (const [key, item] of value) pending.push(key, item, value.get(key), value.has(key));
    return;
  }
  if (value instanceof Set) {
    for (const item of value) pending.push(item, value.has(item));
    return;
  }
  if (value instanceof RegExp || value instanceof Date) noteText(seen, String(value));
  if ("toArray" in value && typeof value.toArray === "function") {
    noteText(seen, String(value.toArray()));
    return;
  }
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === "symbol") continue;
    noteText(seen, key);
    pending.push((value as Record<string, unknown>)[key]);
  }
  // Whatever a mutated image says the message is.
  if (value instanceof Error) pending.push(value.message);
  else pending.push(...Object.values({ ...value }));
}

function noteText(seen: Seen, text: string): void {
  let digest = seen.digest;
  for (let i = 0; i < text.length; i++) digest = (Math.imul(digest, 31) + text.charCodeAt(i)) | 0;
  seen.digest = digest;
}
