/**
 * Web Locks as the proof of a thread's end, in browsers: each thread takes a lock of its own and never gives it back, so who
 * is granted the same lock knows that the thread has really ended. `terminate()` proves nothing: Chromium lets a
 * thread that computes run on for two seconds.
 */
import { QuipeError } from "../errors.ts";

interface Locks {
  request(name: string, granted: () => Promise<unknown>): Promise<unknown>;
}

/** A name that no other thread has. */
export function newLockName(): string {
  return `quipe ${crypto.randomUUID()}`;
}

/** Takes a lock for as long as this thread lives; resolves once it has it. */
export function holdForLife(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forEver = (): Promise<never> => {
      resolve();
      return new Promise<never>(() => {});
    };
    locks().request(name, forEver).catch(reject);
  });
}

/** Resolves once whoever held the lock has ended; nobody else gets it any more, who only comes to begin. */
export function whenReleased(name: string): Promise<void> {
  return holdForLife(name);
}

function locks(): Locks {
  const found = (globalThis.navigator as { readonly locks?: Locks } | undefined)?.locks;
  if (found !== undefined) return found;
  throw new QuipeError(
    "unsupported",
    "This page has no Web Locks, by which quipe knows that a thread has ended. They need a secure context: https, or localhost.",
  );
}
