/**
 * A region on its way from one task to another: the part of `move` that messages call.
 *
 *   sender      OWNED ── takeOff ──▶ IN_FLIGHT ── depart: its pin goes, its views are husks
 *                 ▲                     │  │
 *                 └──── comeBack ───────┘  │    it was not sent after all: as if nothing had happened
 *                                          ▼
 *   receiver                    receiveRegion: pin, OWNER, EPOCH, then OWNED
 *
 * | word  | here written by
 * | STATE | the sender until the item is published; then whoever takes the title, see titles.ts
 * | OWNER | the receiver; the reaper, for the heir of a dead sender or receiver
 *
 * The sender holds its pin until the message that carries the region is where the reaper looks for it.
 */
import { type Mirror, mirrorOf, mirrorStamps } from "../runtime/stamped-proxies.ts";
import { QuipeError } from "../errors.ts";
import { thisThread } from "../sync/thread.ts";
import { assertNotBeingEdited } from "./editors.ts";
import { holdRegion, isPublished, leaveRegion, publishRegion, withdrawRegion } from "./holding.ts";
import { Returned } from "./identity.ts";
import { STATE } from "./layout.ts";
import { type Location, locate } from "./location.ts";
import { assertHere, lossOf } from "./loss.ts";
import { refuseLocked, refuseLockedHere } from "./name-locks.ts";
import { holdersOf } from "./ownership.ts";
import { type Region, fetchRegion, openRegion } from "./region.ts";
import { launchTitle, recallTitle, receiveTitle } from "./titles.ts";
import type { Traveller } from "./travellers.ts";

/** Marks what is to be moved by the message that it is put into. */
class MoveStamp extends Returned {
  readonly #view: object;

  constructor(marker: object, view: object) {
    super(marker);
    this.#view = view;
    const mirror = mirrorOf(marker);
    if (mirror !== undefined) mirror["moved"] = view;
  }

  /** Where the view is now: edits may have moved what it shows since it was marked. */
  static of(value: object): Location | undefined {
    const mirror = mirrorOf(value);
    if (mirror !== undefined) return viewIn(mirror);
    return #view in value ? locate(value.#view) : undefined;
  }
}

function viewIn({ moved }: Mirror): Location | undefined {
  return moved === undefined ? undefined : locate(moved as object);
}

/** What lies behind a mark: no plain object, so that none is taken for data. */
class Moving {}

/** An object that stands for a view in a message, and for nothing else: using it in any other way throws `moved`. */
export function markMoved(view: object, region: Region): object {
  const marker = new Proxy<object>(new Moving(), new Misuse(region.id));
  mirrorStamps(marker);
  new MoveStamp(marker, view);
  return marker;
}

/** What `value` moves if it is such a mark. */
export function movedBy(value: object): Location | undefined {
  return MoveStamp.of(value);
}

/** Throws unless this task may move the region: it must be the owner, and nobody may be reading. */
export function checkMovable(region: Region): void {
  assertHere(region);
  if (region.state === STATE.GUARDED) {
    throw new QuipeError(
      "not-owner",
      `Region ${region.id} is guarded, so it belongs to no task alone. Pass the guard itself.`,
    );
  }
  if (region.isOwned) return assertNotBeingEdited(region);
  refuseNames(region);
  throw new QuipeError(
    "frozen",
    `Region ${region.id} is frozen, so it need not be moved: send it as it is, and it goes by reference. ` +
      "To hand over the right to change it, thaw(it) first.",
  );
}

/** Throws `name-locked` if locked names hold a frozen region in place: to thaw it would not help. */
function refuseNames(region: Region): void {
  refuseLockedHere(region.id);
  if (isPublished(region)) refuseLocked(region.id, holdersOf(region.id).lockedNames);
}

/** Puts a region of this task into flight: from here on nobody reads or writes it. Throws what {@link checkMovable} throws. */
export function takeOff(region: Region): Traveller {
  launch(region);
  return {
    comeBack: () => comeBack(region),
    takeOffAgain: () => region.isOwned && launch(region),
    depart: () => depart(region),
  };
}

function launch(region: Region): void {
  checkMovable(region);
  publishRegion(region);
  if (!launchTitle(region.words)) throw lossOf(region);
  region.setAway();
}

/** The message was not sent after all: the same views live again. */
function comeBack(region: Region): void {
  if (region.loss !== undefined) return; // its task has ended meanwhile, and the heir has it
  if (!recallTitle(region.words)) return;
  withdrawRegion(region);
  region.setBack();
}

/** The message is sent: this task has lost the region. */
function depart(region: Region): void {
  if (region.loss !== undefined) return;
  leaveRegion(region);
  region.lose("moved");
}

/** The region with number `id`, which a message moves to this task. Throws `moved` if it belongs to another one by now. */
export function receiveRegion(id: number): Region {
  const buffer = fetchRegion(id);
  let region = openRegion(buffer);
  if (region.isOwned) return region; // the message is read again, since it could not be read to its end
  if (region.isAway) {
    depart(region); // this very task sent the message, and will only now learn that it is sent
    region = openRegion(buffer);
  }
  holdRegion(region);
  if (!receiveTitle(region.words, thisThread().task)) {
    leaveRegion(region);
    region.lose("moved");
    throw lossOf(region);
  }
  withdrawRegion(region);
  region.setOwned();
  return region;
}

/** Refuses every use of a mark but being sent. A promise asks for `then`, and consoles for symbols. */
class Misuse implements ProxyHandler<object> {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  get(_target: object, key: string | symbol): undefined {
    if (typeof key === "string" && key !== "then") this.#refuse();
  }

  has(): never {
    return this.#refuse();
  }

  set(): never {
    return this.#refuse();
  }

  deleteProperty(): never {
    return this.#refuse();
  }

  defineProperty(): never {
    return this.#refuse();
  }

  ownKeys(): never {
    return this.#refuse();
  }

  #refuse(): never {
    throw new QuipeError(
      "moved",
      `This is what move() gave for region ${this.#id}: send it, return it or pass it to spawn. ` +
        "Until then use the object that was given to move().",
    );
  }
}
