/**
 * The hash of a key in a dictionary: over its whole content, because a hash of samples invites
 * collisions, and the same in every thread and every run, because it is stored.
 */

/** The 32-bit hash of `text`. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

/** How many buckets a table of `capacity` entries has: a power of two that leaves a third of them empty. */
export function bucketCount(capacity: number): number {
  let count = 4;
  while (count * 2 < capacity * 3) count *= 2;
  return count;
}
