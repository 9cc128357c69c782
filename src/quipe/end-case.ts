/**
 * Ends as cases of `select`.
 *
 *   ReceiveCase ── attemptReceive ─▶ end      each waits in the end's queue for that direction, in its turn,
 *   SendCase ────── attemptSend ───▶ end      from its first attempt in vain until it is chosen, or leaves
 *
 * Two cases of one select that wait in one queue have one place there: the select's.
 */
import { type Traveller, comeBack } from "../memory/travellers.ts";
import type { Case, Chooser } from "./case.ts";
import type { Unsent } from "./unsent.ts";

/** An end, as its cases use it. */
export interface CaseEnd<In = unknown> {
  /** Receives in the turn of `chooser`, or waits for it; throws as `receive` rejects, and then it waits no more. */
  attemptReceive(chooser: Chooser): { readonly value: In } | undefined;
  /** Encodes an item for {@link attemptSend}. Throws `not-sendable`; asks nothing of the lane. */
  prepareItem(item: unknown): Unsent;
  /** Sends in the turn of `chooser`, or waits for it; throws as `send` rejects, and then it waits no more. */
  attemptSend(item: Unsent, chooser: Chooser): boolean;
  /** Waits no more for the turn of `chooser`, in neither direction. */
  leaveQueue(chooser: Chooser): void;
}

/** Receives an item of an end. */
export class ReceiveCase<In> implements Case<In> {
  readonly #end: CaseEnd<In>;
  readonly #chooser: Chooser;

  constructor(end: CaseEnd<In>, chooser: Chooser) {
    this.#end = end;
    this.#chooser = chooser;
  }

  attempt(): { readonly value: In } | undefined {
    return this.#end.attemptReceive(this.#chooser);
  }

  leave(): void {
    this.#end.leaveQueue(this.#chooser);
  }
}

const SENT = { value: undefined };

/** Sends an item through an end, as it was when the select began. */
export class SendCase implements Case<void> {
  readonly #end: CaseEnd;
  readonly #chooser: Chooser;
  readonly #item: Unsent;

  constructor(end: CaseEnd, item: unknown, chooser: Chooser) {
    this.#end = end;
    this.#chooser = chooser;
    this.#item = prepareFor(chooser, () => end.prepareItem(item));
  }

  attempt(): { readonly value: undefined } | undefined {
    try {
      return this.#end.attemptSend(this.#item, this.#chooser) ? SENT : undefined;
    } catch (error) {
      this.#item.giveUp();
      throw error;
    }
  }

  leave(): void {
    this.#end.leaveQueue(this.#chooser);
    this.#item.giveUp();
  }
}

/** What the cases of a select are to move. */
const offered = new WeakMap<Chooser, Traveller[]>();

/**
 * One object may be offered to several ends: what the cases before are to move comes back while this one is encoded,
 * which refuses what is in flight. Nothing of this thread runs in between but getters of the item.
 */
function prepareFor(chooser: Chooser, prepareItem: () => Unsent): Unsent {
  const before = offered.get(chooser) ?? [];
  comeBack(before);
  try {
    const item = prepareItem();
    if (item.moves.length > 0) offered.set(chooser, [...before, ...item.moves]);
    return item;
  } finally {
    for (const traveller of before) traveller.takeOffAgain();
  }
}
