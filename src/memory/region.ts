/**
 * A region: one self-contained graph in one SharedArrayBuffer, as this thread sees it.
 *
 *   Region ─ words, numbers, text ─▶ SharedArrayBuffer (layout.ts)
 *          ├ shapes ─ decoded when first needed
 *          └ frozen ─ ViewSet: the plain frozen view
 *
 * There is one Region object for each region and thread, in a table by number.
 */
import { invariant, QuipeError } from "../errors.ts";
import * as atomics from "../runtime/atomics.ts";
import { fetchBuffer } from "../sync/buffers.ts";
import { thisThread } from "../sync/thread.ts";
import { compactImage } from "./compact.ts";
import { ballastAgain, ballastFor } from "./ballast.ts";
import { type Encoded, encode } from "./encoder.ts";
import { clearHolds, enterAgain, holdRegion } from "./holding.ts";
import { ViewSet } from "./identity.ts";
import { type Loss, huskOf } from "./loss.ts";
import { forgetRegions, knownRegion, knownRegions, rememberRegion } from "./region-table.ts";
import { type Address, HEADER, HEAP_START, MAGIC, PIN_WORDS, STATE, VERSION } from "./layout.ts";
import { readShape } from "./shape-reader.ts";
import type { Shape } from "./shapes.ts";
import { readShuffled } from "./slots.ts";
import { keepSpare } from "./spares.ts";
import { TextReader } from "./text-reader.ts";
import { ownerWordOf } from "./titles.ts";
import { makeEditable } from "./edit-views.ts";
import { firstBuffer, growableBuffer, mostBytes, sizeFor } from "./growth.ts";
import { makeFrozen } from "./views.ts";
import { writeImage } from "./write-image.ts";

/** The states in which nobody may write. */
export type FrozenState = typeof STATE.FROZEN | typeof STATE.FROZEN_FOR_EVER;

/** One region as one thread sees it. */
export class Region {
  /** The number under which every thread knows it. */
  readonly id: number;
  /** The memory. Replaced only when an owner outgrows what it may grow to. */
  buffer: SharedArrayBuffer;
  /** All words. Replaced when the region grows, by its owner alone. */
  words: Int32Array;
  numbers: Float64Array;
  text: TextReader;
  /** Whether editing has moved records: see `EDITS.SHUFFLED`. */
  isShuffled: boolean;
  /** Whether this thread has ever edited the region: then views of its frozen form do not outlive a thaw. */
  isEdited = false;
  /** In which tenancy of this thread the region is pinned and published, or 0: written by holding.ts. */
  heldIn = 0;
  /** The views of this region while it is frozen. */
  frozen: ViewSet;
  /** The views that its owner edits it through. */
  edited: ViewSet;
  /** How often its objects have moved to other addresses: see location.ts. */
  moves = 0;
  /** Whether a cursor may read its memory without asking whether it still may. */
  isScanned = false;
  /** Whether another region that was made or edited in this thread refers to this one. */
  isReferredTo = false;
  /** Whether it was ever entered in the directory, which then has to hear of a new buffer. */
  isEntered = false;
  /** How this task lost it; from then on this holds a copy of the header and nothing more. */
  loss: Loss | undefined = undefined;
  /** Whether this only stands in for a region: see struct-instances.ts. */
  readonly isStaging: boolean = false;
  /** While it is in flight: the header as this task has left it. */
  #lastHeader: Int32Array | undefined;
  /** What makes the engine count the memory. */
  #ballast: ArrayBuffer | undefined;
  readonly #shapes: (Shape | undefined)[] = [];
  readonly #neighbours = new Map<number, Region>();

  /** Opens the memory of a region. Use `createRegion` or `openRegion`, which keep one object per region. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    if (this.words[HEADER.MAGIC] !== MAGIC || this.words[HEADER.VERSION] !== VERSION) {
      throw new QuipeError(
        "not-shareable",
        "This buffer does not hold a region of this version of quipe.",
      );
    }
    this.numbers = new Float64Array(buffer, 0, buffer.byteLength >> 3);
    this.#ballast = ballastFor(buffer.byteLength);
    this.id = this.words[HEADER.ID] as number;
    this.text = new TextReader(buffer, this.words[HEADER.TEXT] as number);
    this.isShuffled = readShuffled(this.words);
    this.frozen = new ViewSet(this, makeFrozen);
    this.edited = new ViewSet(this, makeEditable);
  }

  /** Whether this thread may write: its own copy of what the state word says, as cheap as a field. */
  get isOwned(): boolean {
    return this.edited.writable;
  }

  set isOwned(isOwned: boolean) {
    this.edited.writable = isOwned;
  }

  /** Whether this thread may write now: as its owner, or in an update under its guard. */
  get isWritable(): boolean {
    return this.edited.writable || this.edited.log !== undefined;
  }

  /** To be called before `count` words from `address` on are overwritten: an update may have to undo it. */
  touch(address: Address, count: number): void {
    this.edited.log?.touch(address, count);
  }

  /** Ends this thread's right to write, for the good of all who read. */
  setFrozen(state: FrozenState = STATE.FROZEN): void {
    this.isOwned = false;
    if (this.isEdited) this.frozen = new ViewSet(this, makeFrozen);
    this.frozen.live = true; // if nothing was edited, what was read before is right again
    atomics.store(this.words, HEADER.STATE, state);
  }

  /** Gives this thread the right to write again. What it has read while the region was frozen goes stale. */
  setOwned(): void {
    this.frozen.live = false;
    this.isOwned = true;
  }

  /** Puts it out of everybody's reach while it is in flight. */
  setAway(): void {
    this.frozen.live = false;
    this.edited.live = false;
    this.isOwned = false;
    this.#lastHeader ??= this.words.slice(0, HEAP_START); // before anybody else writes to it
  }

  /** Whether this task has put it into flight, and has not learnt yet what became of that. */
  get isAway(): boolean {
    return this.#lastHeader !== undefined && this.loss === undefined;
  }

  /** It was not sent after all: the same views live again. */
  setBack(): void {
    this.#lastHeader = undefined;
    this.edited.live = true;
    this.isOwned = true;
  }

  /** This task has lost it: no view reads any more, and the memory is let go of, since others may write to it. */
  lose(loss: Loss): void {
    this.setAway();
    this.loss = loss;
    this.buffer = huskOf(this.#lastHeader ?? this.words.slice(0, HEAP_START), loss);
    this.#look(HEAP_START);
    this.#neighbours.clear();
  }

  /** From here on only its guard lets anybody in. Views made before are dead. */
  becomeGuarded(): void {
    this.isOwned = false;
    for (const set of [this.frozen, this.edited]) set.live = false;
    this.edited = new ViewSet(this, makeEditable);
    this.edited.live = false;
    this.isEdited = true;
    atomics.store(this.words, HEADER.STATE, STATE.GUARDED);
  }

  /** Looks at what other tasks have added under the guard since the last text lay before `textTop`. */
  catchUp(textTop: number): void {
    if ((this.words[HEADER.TOP] as number) > this.words.length) {
      this.#look(this.words[HEADER.TEXT] as number);
    } else this.text.forget(textTop, this.words[HEADER.TEXT_TOP] as number);
    this.isShuffled = readShuffled(this.words);
  }

  /** Goes back to a buffer, and forgets what was added to the region but undone. */
  goBackTo(buffer: SharedArrayBuffer, neighbourCount: number): void {
    for (const id of [...this.#neighbours.keys()].slice(neighbourCount))
      this.#neighbours.delete(id);
    this.buffer = buffer;
    this.#look(this.words[HEADER.TEXT] as number);
    this.#shapes.length = Math.min(this.#shapes.length, this.words[HEADER.SHAPES] as number);
    this.isShuffled = readShuffled(this.words);
  }

  /** Makes room for `words` words. Addresses stay; the typed arrays are new ones. */
  grow(words: number): void {
    const bytes = sizeFor(words, this.words[HEADER.LIMIT] as number);
    const { words: present } = this;
    const isOutgrown = !this.buffer.growable || bytes > this.buffer.maxByteLength;
    if (isOutgrown) {
      this.buffer = growableBuffer(bytes);
      new Int32Array(this.buffer).set(present);
    } else this.buffer.grow(bytes);
    this.#look(present[HEADER.TEXT] as number);
    // Under a guard the old buffer stays what the update may go back to.
    if (isOutgrown && this.edited.log === undefined) this.#leave(present);
  }

  /**
   * Takes over memory in which the same content lies elsewhere, without the pins. What views know of it is for
   * the caller to set right.
   */
  rehouse(buffer: SharedArrayBuffer, references: ReadonlySet<number>): void {
    const { words: present } = this;
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, HEAP_START);
    this.words.set(present.subarray(HEADER.PINS, HEADER.PINS + PIN_WORDS), HEADER.PINS);
    this.moves++;
    this.isEdited = true;
    this.#shapes.length = 0;
    for (const id of this.#neighbours.keys()) if (!references.has(id)) this.#neighbours.delete(id);
    this.#look(this.words[HEADER.TEXT] as number);
    this.isShuffled = readShuffled(this.words);
    this.frozen = new ViewSet(this, makeFrozen);
    this.frozen.live = false;
    this.#leave(present);
  }

  /** Says that the region is no longer in the memory with these words, which others may still have. */
  #leave(words: Int32Array): void {
    // In this order: whoever meets the mark finds the new buffer in the directory, now or soon.
    if (this.isEntered) enterAgain(this);
    atomics.store(words, HEADER.STATE, STATE.OUTGROWN);
    const isUseful = words.byteLength <= mostBytes(this.words[HEADER.LIMIT] as number);
    if (isUseful && this.isOwned && !this.isEntered && !this.isScanned) {
      keepSpare(words.buffer as SharedArrayBuffer);
    }
    this.isScanned = false;
  }

  #look(text: Address): void {
    this.words = new Int32Array(this.buffer, 0, this.buffer.byteLength >> 2);
    this.numbers = new Float64Array(this.buffer, 0, this.buffer.byteLength >> 3);
    this.text = new TextReader(this.buffer, text);
    this.#ballast = ballastAgain(this.#ballast, this.buffer.byteLength);
    for (const set of [this.frozen, this.edited]) {
      set.words = this.words;
      set.numbers = this.numbers;
      set.log?.moved(this.words);
    }
  }

  /** How often it was entered in the directory. */
  get edition(): number {
    return this.words[HEADER.EDITION] as number;
  }

  set edition(edition: number) {
    atomics.store(this.words, HEADER.EDITION, edition);
  }

  /** One of `STATE`. */
  get state(): number {
    return atomics.load(this.words, HEADER.STATE);
  }

  /** Whether nobody may write. */
  get isFrozen(): boolean {
    const { state } = this;
    return state === STATE.FROZEN || state === STATE.FROZEN_FOR_EVER;
  }

  /** The shape with number `id`. */
  shape(id: number): Shape {
    return this.#shapes[id] ?? this.#readShape(id);
  }

  /** The region with number `id`, which this one refers to. Blocks for one exchange with the reaper if it is new. */
  neighbour(id: number): Region {
    let region = this.#neighbours.get(id);
    if (region === undefined) {
      region = sharedRegion(id);
      this.#neighbours.set(id, region);
    }
    return region;
  }

  /** Notes that this region refers to `other`, which thereby stays in use. */
  refersTo(other: Region): void {
    this.#neighbours.set(other.id, other);
    other.isReferredTo = true;
  }

  /** Whether `other` is one of {@link neighbours}. */
  hasNeighbour(other: Region): boolean {
    return this.#neighbours.has(other.id);
  }

  /** How many regions this one is known to refer to. */
  get neighbourCount(): number {
    return this.#neighbours.size;
  }

  /** The regions that this one is known to refer to. */
  get neighbours(): readonly Region[] {
    return [...this.#neighbours.values()];
  }

  #readShape(id: number): Shape {
    invariant(id < (this.words[HEADER.SHAPES] as number), `region ${this.id} has no shape ${id}`);
    while (this.#shapes.length <= id) this.#shapes.push(undefined);
    const shape = readShape(this, id);
    this.#shapes[id] = shape;
    return shape;
  }
}

/**
 * Copies `value` into a new frozen region with number `id`. It may refer to frozen regions, and to those of
 * `drafts`, which the caller is about to freeze. Throws `not-shareable` and changes nothing.
 */
export function createRegion(value: unknown, id: number, drafts?: ReadonlySet<Region>): Region {
  const encoded: Encoded = encode(value, drafts);
  const region = new Region(writeImage(encoded, id));
  takeTitle(region);
  for (const other of encoded.references) region.refersTo(other);
  return rememberRegion(region);
}

/** Copies `value` into a new region that this thread owns and may edit. */
export function createOwned(value: object, id: number): Region {
  const encoded: Encoded = encode(value);
  const image = writeImage(encoded, id);
  const buffer = firstBuffer(image.byteLength);
  const words = new Int32Array(buffer, 0, image.byteLength >> 2);
  words.set(new Int32Array(image));
  words[HEADER.STATE] = STATE.OWNED;
  const region = new Region(buffer);
  region.isOwned = true;
  takeTitle(region);
  for (const other of encoded.references) region.refersTo(other);
  return rememberRegion(region);
}

/** Copies what `source` holds now into a new frozen region with number `id`, without what edits have left unused. */
export function createCopy(source: Region, id: number): Region {
  const image = compactImage(source);
  const buffer = new SharedArrayBuffer(image.words * 4);
  const words = new Int32Array(buffer);
  image.writeTo(words);
  words[HEADER.ID] = id;
  words[HEADER.STATE] = STATE.FROZEN;
  words[HEADER.LIMIT] = 0;
  const region = new Region(buffer);
  takeTitle(region);
  for (const other of image.references) region.refersTo(sharedRegion(other));
  return rememberRegion(region);
}

function takeTitle({ words }: Region): void {
  words[HEADER.OWNER] = ownerWordOf(thisThread().task);
}

/** The regions that `region`, made in this thread, refers to: whoever publishes it publishes them too. */
export function referencedRegions(region: Region): readonly Region[] {
  return region.neighbours;
}

/** The region in `buffer`: the same object each time in one thread. */
export function openRegion(buffer: SharedArrayBuffer): Region {
  const id = new Int32Array(buffer, 0, HEAP_START)[HEADER.ID] as number;
  const known = knownRegion(id);
  if (known !== undefined && known.buffer === buffer) return known;
  return rememberRegion(new Region(buffer));
}

/** The region with number `id`, held for this task. Blocks for one exchange with the reaper if it is new to the task. */
export function sharedRegion(id: number): Region {
  const known = knownRegion(id);
  if (known !== undefined) return known;
  const region = openRegion(fetchRegion(id));
  holdRegion(region);
  return region;
}

/** The buffer that holds region `id` now. Blocks for an exchange with the reaper. Throws `released` if it is gone. */
export function fetchRegion(id: number): SharedArrayBuffer {
  let outdated: SharedArrayBuffer | undefined;
  for (;;) {
    const buffer = fetchBuffer(id, outdated);
    const state = atomics.load(new Int32Array(buffer, 0, HEAP_START), HEADER.STATE);
    if (state !== STATE.OUTGROWN) return buffer; // else the reaper has yet to read of the new one
    outdated = buffer;
  }
}

/** Forgets the regions of the task that ended on this thread. Views that were kept somewhere read nothing any more. */
export function leaveRegions(): void {
  for (const region of knownRegions()) region.lose("ended");
  forgetRegions();
  clearHolds();
}
