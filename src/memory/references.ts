/**
 * Handles of things that memory knows nothing of, for those who meet them in a value: they travel by the number of
 * their kind and numbers of their own, and those that are not moved are the same object each time in one thread.
 *
 *   task/handle.ts    ── letTravel(kind) ──▶ kinds ◀── the codec, names, describe
 *   quipe/end.ts      ── letTravel(kind) ──▶
 *   namespace/…       ── letTravel(kind) ──▶
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

/** The numbers of the kinds in messages. */
export const HANDLE_KIND = { task: 0, names: 1, rebindableNames: 2, end: 3 } as const;

/** What is done with handles of one kind. */
export interface HandleKind {
  /** One of `HANDLE_KIND`. */
  readonly code: number;
  /** Whether sending one takes it away from the sender, so that only one receiver can have it. */
  readonly isMoved: boolean;
  /** Whether a name of a namespace may stand for one, so that whoever reads the name gets it. */
  readonly isBindable: boolean;
  /** Whether a value is one. */
  isOne(value: object): boolean;
  /** Makes sure that others can open it, and says how. Throws `not-sendable`; never waits. */
  ticketOf(handle: object): Ticket;
  /** The handle that these numbers name. May block for an exchange or two with the reaper. */
  open(numbers: readonly number[]): object;
  /** What `describe` tells of it; that it is passed by reference if this is not there. */
  readonly describe?: (handle: object) => HandleDescription;
}

/** What is known of a namespace, as {@link describe} tells it. */
export interface NamesDescription {
  /** The number under which all tasks know it. */
  readonly id: number;
  /** Whether this task made it, or is the heir to whom it was left. */
  readonly isMine: boolean;
  /** Whether its creator has ended and no heir has adopted it: then everything is locked. */
  readonly isOrphaned: boolean;
  /** Whether this handle of it may rebind names. */
  readonly mayRebind: boolean;
  /** The names in the order in which they were bound, and which of them are locked. */
  readonly bound: readonly string[];
  readonly locked: readonly string[];
  /** All its shared memory. */
  readonly bytes: number;
}

/** What a kind of handles adds to `describe`. */
export interface HandleDescription {
  readonly state: "namespace";
  readonly level: number;
  readonly advice: string;
  readonly names: NamesDescription;
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

/** The ticket of a handle that one number names, and that stays with who sends it. */
export function ticketFor(id: number): Ticket {
  const numbers = [id];
  return { numbers, carries: numbers };
}

/** The handle that came in a message. */
export function openHandle(code: number, numbers: readonly number[]): object {
  const kind = kinds.get(code);
  if (kind === undefined)
    throw new QuipeBug(`a handle of kind ${code} came to a thread that knows none`);
  return kind.open(numbers);
}
