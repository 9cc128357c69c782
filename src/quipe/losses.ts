/**
 * Items that were accepted and are never received: because there was no room for all, because nobody is left to
 * receive, or because the quipe was aborted. The task that made the quipe with `undelivered` hears of each once.
 *
 *   that task        takes what lies in a lane without receivers out of it, and drops by itself what its ends drop
 *   any other task   what its ends drop goes to that task as a parcel, by way of the reaper
 *
 * Where nobody wants to hear of them, what they carry is let go of.
 */
import { QuipeError } from "../errors.ts";
import { isHere, knownOther } from "../memory/region-table.ts";
import { load, store } from "../runtime/atomics.ts";
import { BlockedOn, ring } from "../sync/board.ts";
import { fetchBuffer, reportUnused } from "../sync/buffers.ts";
import type { Loss } from "../sync/messages.ts";
import { carriedWith, requireHere } from "../sync/supplied.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { watch } from "../sync/wait.ts";
import { fromParcel } from "./decode.ts";
import { ENDS } from "./ends-layout.ts";
import { countHandles } from "./handles.ts";
import { EndState, OFFER, Offer, RECEIVER_STATE } from "./lane-layout.ts";
import type { Lane } from "./lane-memory.ts";
import type { Peeked } from "./lane.ts";
import type { QuipeMemory, Side } from "./quipe-memory.ts";
import { RendezvousReceiver } from "./rendezvous.ts";
import { RobbedReceiver } from "./shared-lane.ts";
import { letGoOfQuipe } from "./publishing.ts";
import { itemParcel, valueOf } from "./taken-item.ts";
import type { Unsent } from "./unsent.ts";

/** Hears of an item of a {@link quipe} that was accepted and will never be received; and why: `broken`, `aborted` or `dropped`. */
export type Undelivered = (item: unknown, why: QuipeError) => void;

const WATCH = { code: BlockedOn.other, text: "items that nobody receives" };
const listeners = new WeakMap<QuipeMemory, Undelivered>();

/** Makes this task the one that hears of the losses of a quipe, which is new. */
export function hearOfLosses(memory: QuipeMemory, listener: Undelivered): void {
  const { task } = thisThread();
  listeners.set(memory, listener);
  memory.words[ENDS.HOME_GENERATION] = task.generation;
  memory.words[ENDS.HOME] = task.slot + 1;
  onMessage("undelivered", ({ quipe, why, parcelId }) => {
    const known = knownOther(quipe) as QuipeMemory | undefined;
    const bytes = fetchBuffer(parcelId);
    requireHere(carriedWith(parcelId), isHere);
    const item = fromParcel({ bytes });
    reportUnused(parcelId);
    if (known !== undefined) report(known, item, why);
  });
  watch(() => collect(memory), WATCH).release();
}

/** Whether some task wants to hear of the losses of a quipe. */
export function hasHome({ words }: QuipeMemory): boolean {
  return load(words, ENDS.HOME) !== 0;
}

/** What is lost of the items that one side of a quipe sends from this task. */
export class Losses {
  readonly #memory: QuipeMemory;
  readonly #side: Side;

  constructor(memory: QuipeMemory, side: Side) {
    this.#memory = memory;
    this.#side = side;
  }

  /** There is no room for an item that this task sends. */
  drop(item: unknown, rest: Unsent): void {
    const memory = this.#memory;
    if (listeners.has(memory) || !hasHome(memory)) {
      rest.giveUp(); // what it was to move is this task's again
      report(memory, item, "dropped");
      return;
    }
    const { words, length, form } = rest.keep();
    forward(memory, itemParcel({ form, start: 0, length, integer: 0 }, words), "dropped");
    rest.sent(() => true);
  }

  /** Makes room by taking the oldest item out, unless its receiver is faster. */
  dropOldest(): void {
    const lane = this.#memory.laneFrom(this.#side);
    takeOut(lane, (item) => {
      if (listeners.has(this.#memory)) return report(this.#memory, valueOf(lane, item), "dropped");
      const parcel = itemParcel(item, lane.words);
      if (hasHome(this.#memory)) forward(this.#memory, parcel, "dropped");
      else if (parcel.carries.length > 0) tellReaper({ kind: "refused", ids: parcel.carries });
    });
  }

  /** An item was sent, perhaps just after the last receiver had left: then the one who collects them hears of it. */
  sent(): void {
    const home = load(this.#memory.words, ENDS.HOME);
    const state = load(this.#memory.laneFrom(this.#side).words, RECEIVER_STATE);
    if (home !== 0 && state !== EndState.open) ring(thisThread().board, home - 1);
  }
}

/** Takes what nobody will receive out of both lanes; true once nothing more can come. */
function collect(memory: QuipeMemory): boolean {
  let isOver = true;
  for (const side of [0, 1] as const) {
    const lane = memory.laneFrom(side);
    const state = load(lane.words, RECEIVER_STATE);
    const { senders } = countHandles(memory, side); // before the look at what they have sent
    if (state === EndState.open || senders > 0) isOver = false;
    if (state === EndState.open) continue;
    const why = state === EndState.aborted ? "aborted" : "broken";
    while (takeOut(lane, (item) => report(memory, valueOf(lane, item), why)));
  }
  if (!isOver) return false;
  store(memory.words, ENDS.HOME, 0);
  letGoOfQuipe(memory);
  return true;
}

function takeOut(lane: Lane, use: (item: Peeked) => void): boolean {
  const { board, task } = thisThread();
  const user = { board, slot: task.slot };
  // What a sender offers from hand to hand it takes back itself; only what was given away has no other owner.
  if (lane.capacity === 0 && load(lane.words, OFFER) !== Offer.given) return false;
  if (lane.capacity === 0) return new RendezvousReceiver(lane, user).tryTake(use);
  return new RobbedReceiver(lane, user).rob(use);
}

function forward(memory: QuipeMemory, parcel: ReturnType<typeof itemParcel>, why: Loss): void {
  const home = {
    slot: load(memory.words, ENDS.HOME) - 1,
    generation: memory.words[ENDS.HOME_GENERATION] as number,
  };
  tellReaper({ kind: "undelivered", home, quipe: memory.id, why, parcel });
}

/** What the listener throws is a failure of its own. */
function report(memory: QuipeMemory, item: unknown, why: Loss): void {
  const listener = listeners.get(memory);
  if (listener !== undefined) queueMicrotask(() => listener(item, lossError(why)));
}

function lossError(why: Loss): QuipeError {
  if (why === "dropped") {
    return new QuipeError(
      "dropped",
      "There was no room for this item, and the quipe was made to drop one then.",
    );
  }
  return why === "aborted"
    ? new QuipeError("aborted", "The quipe was aborted before anybody received this item.")
    : new QuipeError(
        "broken",
        "This item was sent, but everybody who could have received it is gone.",
      );
}
