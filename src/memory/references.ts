/**
 * Handles of things that no layer below `task` knows, for those who meet them in a value: they travel by number, and
 * are the same object each time in one thread.
 *
 *   task/handle.ts ── letTravel(kind) ──▶ kind ◀── the codec, describe
 */
import { QuipeBug } from "../errors.ts";

/** What is done with handles of one kind. */
export interface HandleKind {
  /** Whether a value is one. */
  isOne(value: object): boolean;
  /** Makes sure that others can open it, and returns its number. Throws `not-sendable`; never waits. */
  numberOf(handle: object): number;
  /** The handle with this number. May block for an exchange or two with the reaper. */
  open(id: number): object;
}

let travelling: HandleKind | undefined;

/** Makes handles of a kind known on this thread. */
export function letTravel(kind: HandleKind): void {
  travelling = kind;
}

/** The kind of handle that a value is; undefined if it is none. */
export function handleKindOf(value: object): HandleKind | undefined {
  return travelling?.isOne(value) === true ? travelling : undefined;
}

/** The handle with number `id`, which came in a message. */
export function openHandle(id: number): object {
  if (travelling === undefined) throw new QuipeBug("a handle came to a thread that knows none");
  return travelling.open(id);
}
