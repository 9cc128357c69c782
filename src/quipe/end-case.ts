/**
 * Ends as cases of `select`.
 *
 *   ReceiveCase ── attempt ─▶ Inlet      each waits in the queue of its direction, in its turn,
 *   SendCase ────── attempt ─▶ Outlet     from its first attempt in vain until it is chosen, or leaves
 *
 * Two cases of one select that wait in one queue have one place there: the select's.
 */
import { type Traveller, comeBack } from "../memory/travellers.ts";
import type { Case, Chooser } from "./case.ts";
import type { LiveHandle } from "./live-handle.ts";
import type { Inside } from "./sides.ts";
import type { Unsent } from "./unsent.ts";

/** Receives an item of an end. */
export class ReceiveCase<In> implements Case<In> {
  readonly #end: Inside;
  readonly #chooser: Chooser;

  constructor(end: Inside, chooser: Chooser) {
    this.#end = end;
    this.#chooser = chooser;
  }

  attempt(): { readonly value: In } | undefined {
    const { inlet, live } = this.#end;
    return inlet.attemptFor(this.#chooser, live) as { readonly value: In } | undefined;
  }

  leave(): void {
    this.#end.inlet.leaveQueue(this.#chooser);
  }
}

const SENT = { value: undefined };

/** Sends an item through an end, as it was when the select began. */
export class SendCase implements Case<void> {
  readonly #end: Inside;
  readonly #chooser: Chooser;
  readonly #item: Unsent;
  /** Undefined if the item takes the very end along through which it is sent. */
  readonly #holder: LiveHandle | undefined;

  constructor(end: Inside, item: unknown, chooser: Chooser) {
    this.#end = end;
    this.#chooser = chooser;
    const { outlet, live } = end;
    const wasOpen = live.isOpen;
    this.#item = prepareFor(chooser, () => outlet.prepare(item));
    this.#holder = wasOpen && !live.isOpen ? undefined : live;
  }

  attempt(): { readonly value: undefined } | undefined {
    try {
      const isSent = this.#end.outlet.attemptFor(this.#chooser, this.#item, this.#holder);
      return isSent ? SENT : undefined;
    } catch (error) {
      this.#item.giveUp();
      throw error;
    }
  }

  leave(): void {
    this.#end.outlet.leaveQueue(this.#chooser);
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
