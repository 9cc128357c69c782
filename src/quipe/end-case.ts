/**
 * Ends as cases of `select`.
 *
 *   ReceiveCase ── attempt ─▶ Inlet      each waits in the queue of its direction, in its turn,
 *   SendCase ────── attempt ─▶ Outlet     from its first attempt in vain until it is chosen, or leaves
 *
 * Two cases of one select that wait in one queue have one place there: the select's.
 */
import { type Traveller, comeBack } from "../memory/travellers.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import type { Case, Chooser } from "./case.ts";
import type { OfferedItem, Outlet } from "./outlet.ts";
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
  readonly #outlet: Outlet;
  readonly #chooser: Chooser;
  readonly #offered: OfferedItem;

  constructor({ outlet, live }: Inside, item: unknown, chooser: Chooser) {
    const wasOpen = live.isOpen;
    const rest = prepareFor(chooser, () => outlet.prepare(item));
    this.#outlet = outlet;
    this.#chooser = chooser;
    this.#offered = { item, rest, holder: wasOpen && !live.isOpen ? undefined : live };
  }

  attempt(): { readonly value: undefined } | undefined {
    try {
      return this.#outlet.attemptFor(this.#chooser, this.#offered) ? SENT : undefined;
    } catch (error) {
      if (!isOnItsWay(error)) this.#offered.rest.giveUp(); // else it tries again
      throw error;
    }
  }

  leave(): void {
    this.#outlet.leaveQueue(this.#chooser);
    this.#offered.rest.giveUp();
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
