/**
 * Handles of things that no layer below knows, for those who meet them in a value: they travel by numbers.
 *
 *   task/handle.ts, quipe/end.ts ── letTravel(kind) ──▶ kind ◀── the codec, describe
 */
import { QuipeBug } from "../errors.ts";
import type { Traveller } from "./travellers.ts";

/** What a message says of a handle. */
export interface Ticket {
  /** By these numbers its receiver opens it. */
  readonly numbers: readonly number[];
  /** The shared buffers, and other numbers that the reaper looks for, which the message carries with it. */
  readonly carries: readonly number[];
  /** Of a handle that the sender loses by sending it. */
  readonly traveller?: Traveller;
}

/** What is done with handles of one kind. */
export interface HandleKind {
  /** By which number messages know the kind. */
  readonly code: number;
  /** What people call one. */
  readonly text: string;
  /** Whether a value is one. */
  isOne(value: object): boolean;
  /** Makes sure that others can open it, and says how. Throws `not-sendable`; never waits. */
  ticketOf(handle: object): Ticket;
  /** The handle that these numbers name. May block for an exchange or two with the reaper. */
  open(numbers: readonly number[]): object;
  /** Whether sending one takes it away from the sender, so that only one receiver can have it. */
  readonly isMoved: boolean;
}

const kinds = new Map<number, HandleKind>();

/** Makes handles of a kind known on this thread. */
export function letTravel(kind: HandleKind): void {
  kinds.set(kind.code, kind);
}

/** The kind of handle that a value is; undefined if it is none. */
export function handleKindOf(value: object): HandleKind | undefined {
  for (const kind of kinds.values()) if (kind.isOne(value)) return kind;
  return undefined;
}

/** The handle that came in a message. */
export function openHandle(code: number, numbers: readonly number[]): object {
  const kind = kinds.get(code);
  if (kind === undefined)
    throw new QuipeBug(`a handle of kind ${code} came to a thread that knows none`);
  return kind.open(numbers);
}
