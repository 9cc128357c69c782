/**
 * A lane between one sender and one receiver: a bounded ring in shared memory (words: lane-layout.ts). Where there
 * are more of them, the one inside the turnstile of its side is the one (shared-lane.ts, rendezvous.ts).
 *
 *   LaneSender ── publish ──▶ [ HEAD ▸ item item item ◂ TAIL ] ── peek, acknowledge ──▶ LaneReceiver
 *
 * Neither half ever waits. Each answers "not now", and `announce` beforehand makes sure that the other half
 * rings once that has changed. An item exists from the store of TAIL on and until the store of HEAD:
 * a sender killed before the first leaves nothing, a receiver killed before the second has taken nothing.
 */
import { invariant } from "../errors.ts";
import { exchange, load } from "../runtime/atomics.ts";
import type { Board } from "../sync/board.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import {
  BYTES_SENT,
  BYTES_TAKEN,
  CLOSE_PARCEL,
  type EndStateValue,
  FORM_BITS,
  FORM_MASK,
  Form,
  HEAD,
  HEADER_WORDS,
  MOST_BY_RECEIVER,
  MOST_BY_SENDER,
  SENDER_STATE,
  SENDER_WAITING,
  TAIL,
  UNIT_WORDS,
  WAITED,
  itemWords,
} from "./lane-layout.ts";
import {
  type Lane,
  announceReceiver,
  announceSender,
  positionIn,
  sequenceAt,
  setTail,
  wake,
  wakeReceiver,
} from "./lane-memory.ts";
import type { Writer } from "./writer.ts";

/** An item that was looked at and not yet acknowledged; the same object for every item of a receiver. */
export interface Peeked {
  readonly form: number;
  /** Where the payload begins in `lane.bytes`. */
  readonly start: number;
  readonly length: number;
  /** Of an item in the form `integer`: its value. */
  readonly integer: number;
}

/** An item that knows how to get into a ring: by one of the methods that append. */
export interface Cargo {
  appendTo(sender: LaneSender): boolean;
}

/** So many items at once make up for a look at what the other processor writes; more would take too long to wait for. */
const MANY_ITEMS = 128;
const NO_ROOM = -1;
const SHORT_MOST = 0x0fff_ffff;
const WORD_BYTES = 4;

/** The sending half. One task uses it at a time. */
export class LaneSender {
  readonly lane: Lane;
  readonly #board: Board;
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #mostItems: number;
  #tail: number;
  /** TAIL after the item that is being written. */
  #next = 0;
  #sent: number;
  /** HEAD, and the sequence number there, as last seen: never ahead of the truth, so room that they show is there. */
  #seenHead: number;
  #seenTaken: number;
  /** Whether a receiver waited for the item that was appended last. */
  #isAwaited = false;

  constructor(lane: Lane, board: Board) {
    this.lane = lane;
    this.#board = board;
    this.#words = lane.words;
    this.#mask = lane.ringWords - 1;
    this.#mostItems = lane.capacity || 1;
    this.#tail = positionIn(lane, TAIL);
    this.#sent = sequenceAt(lane, this.#tail);
    this.#seenHead = positionIn(lane, HEAD);
    this.#seenTaken = sequenceAt(lane, this.#seenHead);
  }

  /** Looks where the lane is now: to be called by a sender that takes over from another one. */
  refresh(): void {
    const tail = positionIn(this.lane, TAIL);
    if (tail === this.#tail) return;
    this.#tail = tail;
    this.#sent = sequenceAt(this.lane, tail);
  }

  /** Where the next item begins. */
  get tail(): number {
    return this.#tail;
  }

  /** Whether the receiver has taken everything up to `position`; announce before that. */
  isTakenUpTo(position: number): boolean {
    return ((positionIn(this.lane, HEAD) - position) | 0) >= 0;
  }

  /** Takes back the only item there is, which no receiver may take any more: it began at `position`. */
  retract(position: number): void {
    setTail(this.lane, position);
    this.refresh();
  }

  /** Says that the task in `slot` waits for room; to be called before the look that finds none. */
  announce(slot: number): void {
    announceSender(this.lane, slot);
  }

  /** Whether half of the lane is free, or room for many items: worth going on for. */
  get isRoomy(): boolean {
    this.#look();
    const items = (this.#sent - this.#seenTaken) | 0;
    const used = (this.#tail - this.#seenHead) | 0;
    const isFree = items * 2 <= this.#mostItems || this.#mostItems - items >= MANY_ITEMS;
    return isFree && used * 2 <= this.lane.ringWords;
  }

  /** Puts an item into the lane and wakes a waiting receiver; false, with nothing changed, if there is no room. */
  put(cargo: Cargo): boolean {
    return cargo.appendTo(this) && this.#tell();
  }

  /** As {@link put} of `length` bytes; `payload` holds whole words, so it may be up to three bytes longer. */
  publish(payload: Int32Array, length: number, form: number = Form.inline): boolean {
    return this.append(payload, length, form) && this.#tell();
  }

  /** As {@link put} of an int32, which needs no payload of its own. */
  publishInteger(value: number): boolean {
    return this.appendInteger(value) && this.#tell();
  }

  /** As {@link publish}; but a receiver that sleeps hears of it only by {@link wakeReceiver}, which must follow. */
  append(payload: Int32Array, length: number, form: number): boolean {
    const begin = this.#reserve((length << FORM_BITS) | form);
    if (begin === NO_ROOM) return false;
    copyPayload(this.#words, begin + UNIT_WORDS, payload, length);
    this.#enter(length);
    return true;
  }

  /** As {@link append} of a message that lies in a writer, and perhaps in pieces elsewhere. */
  appendWritten(writer: Writer): boolean {
    const { total } = writer;
    if (writer.isWhole) return this.append(writer.words, total, Form.inline);
    const begin = this.#reserve((total << FORM_BITS) | Form.inline);
    if (begin === NO_ROOM) return false;
    writer.copyTo(this.lane.bytes, (begin + UNIT_WORDS) * WORD_BYTES);
    this.#enter(total);
    return true;
  }

  /** As {@link publishInteger}; but a receiver that sleeps hears of it only by {@link wakeReceiver}, which must follow. */
  appendInteger(value: number): boolean {
    if (value > SHORT_MOST || value < ~SHORT_MOST) return this.#appendWord(value);
    if (!this.#hasRoom(UNIT_WORDS)) return false;
    // A unit always fits before the end of the ring, and its number is there already.
    this.#words[HEADER_WORDS + (this.#tail & this.#mask)] = (value << FORM_BITS) | Form.short;
    this.#next = (this.#tail + UNIT_WORDS) | 0;
    this.#enter(WORD_BYTES);
    return true;
  }

  /** Wakes a waiting receiver. */
  wakeReceiver(): void {
    wakeReceiver(this.#board, this.lane);
  }

  #appendWord(value: number): boolean {
    const begin = this.#reserve((WORD_BYTES << FORM_BITS) | Form.integer);
    if (begin === NO_ROOM) return false;
    this.#words[begin + UNIT_WORDS] = value;
    this.#enter(WORD_BYTES);
    return true;
  }

  #tell(): true {
    if (this.#isAwaited) this.wakeReceiver();
    return true;
  }

  /** Writes the header of an item behind TAIL. The word where it begins, or that there is no room for it. */
  #reserve(header: number): number {
    const words = this.#words;
    const count = itemWords(header);
    const position = this.#tail & this.#mask;
    const skipped = position + count > this.#mask + 1 ? this.#mask + 1 - position : 0;
    if (!this.#hasRoom(count + skipped)) return NO_ROOM;
    this.#next = (this.#tail + count + skipped) | 0;
    if (skipped > 0) words[HEADER_WORDS + position] = Form.skip;
    const begin = HEADER_WORDS + (skipped > 0 ? 0 : position);
    words[begin] = header;
    words[begin + 1] = this.#sent;
    return begin;
  }

  /** Makes the item that was written one that is there, and notes whether a receiver waits for it. */
  #enter(bytes: number): void {
    const { doubles } = this.lane;
    const tail = this.#next;
    const sent = (this.#sent + 1) | 0;
    this.#words[HEADER_WORDS + (tail & this.#mask) + 1] = sent;
    this.#sent = sent;
    this.#tail = tail;
    doubles[BYTES_SENT / 2] = (doubles[BYTES_SENT / 2] as number) + bytes;
    this.#isAwaited = (exchange(this.#words, TAIL, tail) & WAITED) !== 0;
  }

  #hasRoom(words: number): boolean {
    if (this.#fits(words)) return true;
    this.#look();
    return this.#fits(words);
  }

  #look(): void {
    this.#seenHead = positionIn(this.lane, HEAD);
    this.#seenTaken = sequenceAt(this.lane, this.#seenHead); // only this half writes over it
    noteMost(this.#words, MOST_BY_SENDER, (this.#sent - this.#seenTaken) | 0);
  }

  #fits(words: number): boolean {
    const used = (this.#tail - this.#seenHead) | 0;
    const items = (this.#sent - this.#seenTaken) | 0;
    return items < this.#mostItems && used + words <= this.#mask; // less than all of it
  }
}

/** The receiving half. One task uses it at a time. */
export class LaneReceiver {
  readonly lane: Lane;
  readonly #board: Board;
  readonly #words: Int32Array;
  readonly #mask: number;
  #head: number;
  #seenTail: number;
  /** What the item that was peeked at takes of the ring; 0 if none was. */
  #peekedWords = 0;
  readonly #peeked = { form: 0, start: 0, length: 0, integer: 0 };

  constructor(lane: Lane, board: Board) {
    this.lane = lane;
    this.#board = board;
    this.#words = lane.words;
    this.#mask = lane.ringWords - 1;
    this.#head = positionIn(lane, HEAD);
    this.#seenTail = this.#head;
  }

  /** Looks where the lane is now: to be called by a receiver that takes over from another one. */
  refresh(): void {
    this.#head = positionIn(this.lane, HEAD);
    this.#seenTail = this.#head;
  }

  /** Says that the task in `slot` waits for an item; to be called before the look that finds none. */
  announce(slot: number): void {
    announceReceiver(this.lane, slot);
  }

  /** Whether an item is there. */
  get hasItem(): boolean {
    if (this.#head === this.#seenTail) this.#look();
    return this.#head !== this.#seenTail;
  }

  /** How many items there are, as far as the last look has shown. */
  get itemsSeen(): number {
    // Only an item behind it is written over the number at the TAIL that was seen.
    return (sequenceAt(this.lane, this.#seenTail) - sequenceAt(this.lane, this.#head)) | 0;
  }

  /**
   * The oldest item, which stays in the lane until {@link acknowledge}; undefined if there is none. What an integer
   * needs in the ring is not told: it comes as its value.
   */
  peek(): Peeked | undefined {
    if (!this.hasItem) return undefined;
    const words = this.#words;
    let begin = HEADER_WORDS + (this.#head & this.#mask);
    let header = words[begin] as number;
    let skipped = 0;
    if (header === Form.skip) {
      skipped = this.#mask + 1 - (this.#head & this.#mask);
      begin = HEADER_WORDS;
      header = words[begin] as number;
    }
    this.#peekedWords = skipped + itemWords(header);
    const peeked = this.#peeked;
    const form = header & FORM_MASK;
    const isShort = form === Form.short;
    peeked.start = (begin + UNIT_WORDS) * WORD_BYTES;
    peeked.length = isShort ? WORD_BYTES : header >>> FORM_BITS;
    peeked.form = isShort ? Form.integer : form;
    if (isShort) peeked.integer = header >> FORM_BITS;
    if (form === Form.integer) peeked.integer = words[begin + UNIT_WORDS] as number;
    return peeked;
  }

  /** Takes the oldest item out of the lane if it is an integer in the form `short`; undefined, with nothing done, if not. */
  takeShort(): number | undefined {
    if (!this.hasItem) return undefined;
    const header = this.#words[HEADER_WORDS + (this.#head & this.#mask)] as number;
    if ((header & FORM_MASK) !== Form.short) return undefined;
    this.#leave(UNIT_WORDS, WORD_BYTES);
    return header >> FORM_BITS;
  }

  /**
   * Has `use` read the oldest item, and takes it out of the lane, also if `use` throws, unless it only has to be read again;
   * false if there is none.
   */
  takeBy(use: (item: Peeked) => void): boolean {
    const item = this.peek();
    if (item === undefined) return false;
    let isTaken = true;
    try {
      use(item);
    } catch (error) {
      isTaken = !isOnItsWay(error);
      throw error;
    } finally {
      if (isTaken) this.acknowledge();
    }
    return true;
  }

  /** Takes the item that was peeked out of the lane and wakes a waiting sender. */
  acknowledge(): void {
    const words = this.#peekedWords;
    invariant(words > 0, "an item was acknowledged that nobody had looked at");
    this.#peekedWords = 0;
    this.#leave(words, this.#peeked.length);
  }

  #leave(words: number, bytes: number): void {
    const { doubles } = this.lane;
    this.#head = (this.#head + words) | 0;
    doubles[BYTES_TAKEN / 2] = (doubles[BYTES_TAKEN / 2] as number) + bytes;
    const before = exchange(this.#words, HEAD, this.#head);
    if ((before & WAITED) !== 0) wake(this.#board, this.#words, SENDER_WAITING);
  }

  /** Why no more items will be published, or `open`. Look at this before the look that finds no item. */
  get senderState(): EndStateValue {
    return load(this.#words, SENDER_STATE) as EndStateValue;
  }

  /** The id of the parcel that holds the error with which the sender ended; 0 if there is none. */
  get closeParcelId(): number {
    return load(this.#words, CLOSE_PARCEL);
  }

  #look(): void {
    this.#seenTail = positionIn(this.lane, TAIL);
    if (this.#seenTail === this.#head) return;
    noteMost(this.#words, MOST_BY_RECEIVER, this.itemsSeen);
  }
}

function noteMost(words: Int32Array, word: number, items: number): void {
  if (items > (words[word] as number)) words[word] = items;
}

/** Below this many words a loop is faster than `set`, which must make a view of the source first. */
const LOOP_WORDS = 64;

/** Item and ring are aligned, so whole words go; up to three bytes beyond the payload go with them. */
function copyPayload(words: Int32Array, start: number, payload: Int32Array, length: number): void {
  const count = (length + WORD_BYTES - 1) >>> 2;
  if (count > LOOP_WORDS) {
    words.set(payload.subarray(0, count), start);
    return;
  }
  for (let i = 0; i < count; i++) words[start + i] = payload[i] as number;
}
