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
import { QuipeBug, invariant } from "../errors.ts";
import { compareExchange, load, store } from "../runtime/atomics.ts";
import { type Board, ring } from "../sync/board.ts";
import {
  BYTES_SENT,
  BYTES_TAKEN,
  CAPACITY,
  CLOSE_PARCEL,
  EndState,
  type EndStateValue,
  FORM_BITS,
  FORM_MASK,
  Form,
  HEAD,
  HEADER_WORDS,
  MOST_BY_RECEIVER,
  MOST_BY_SENDER,
  RECEIVER_STATE,
  RECEIVER_WAITING,
  RING_UNITS,
  SENDER_STATE,
  SENDER_WAITING,
  TAIL,
  UNIT_BYTES,
  UNIT_WORDS,
  itemUnits,
  laneBytes,
} from "./lane-layout.ts";

/** The shared words and bytes of one lane. */
export interface Lane {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  readonly ringUnits: number;
  /** How many items may wait; 0 in a rendezvous, where one may lie there until it is taken. */
  readonly capacity: number;
}

/** An item that was looked at and not yet acknowledged. */
export interface Peeked {
  readonly form: number;
  /** Where the payload begins in `lane.bytes`. */
  readonly start: number;
  readonly length: number;
}

/** Makes a lane at `byteOffset` of fresh, zeroed shared memory. */
export function createLane(
  buffer: SharedArrayBuffer,
  byteOffset: number,
  { capacity, ringUnits }: { readonly capacity: number; readonly ringUnits: number },
): Lane {
  const words = new Int32Array(buffer, byteOffset, HEADER_WORDS);
  words[CAPACITY] = capacity;
  words[RING_UNITS] = ringUnits;
  return openLane(buffer, byteOffset);
}

/** The lane that another thread made at `byteOffset`. */
export function openLane(buffer: SharedArrayBuffer, byteOffset: number): Lane {
  const header = new Int32Array(buffer, byteOffset, HEADER_WORDS);
  const ringUnits = at(header, RING_UNITS);
  const bytes = laneBytes(ringUnits);
  return {
    words: new Int32Array(buffer, byteOffset, bytes / 4),
    bytes: new Uint8Array(buffer, byteOffset, bytes),
    doubles: new Float64Array(buffer, byteOffset, HEADER_WORDS / 2),
    ringUnits,
    capacity: at(header, CAPACITY),
  };
}

/** The largest payload that goes through the ring itself. */
export function inlineBytesOf({ ringUnits }: Lane): number {
  return (ringUnits / 2 - 2) * UNIT_BYTES;
}

/** The sending half. One task uses it at a time. */
export class LaneSender {
  readonly lane: Lane;
  readonly #board: Board;
  readonly #mostItems: number;
  #tail: number;
  #sent: number;
  /** HEAD, and the sequence number there, as last seen: never ahead of the truth, so room that they show is there. */
  #seenHead: number;
  #seenTaken: number;

  constructor(lane: Lane, board: Board) {
    this.lane = lane;
    this.#board = board;
    this.#mostItems = lane.capacity || 1;
    this.#tail = load(lane.words, TAIL);
    this.#sent = sequenceAt(lane, this.#tail);
    this.#seenHead = load(lane.words, HEAD);
    this.#seenTaken = sequenceAt(lane, this.#seenHead);
  }

  /** Looks where the lane is now: to be called by a sender that takes over from another one. */
  refresh(): void {
    const tail = load(this.lane.words, TAIL);
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
    return ((load(this.lane.words, HEAD) - position) | 0) >= 0;
  }

  /** Takes back the only item there is, which no receiver may take any more: it began at `position`. */
  retract(position: number): void {
    store(this.lane.words, TAIL, position);
    this.refresh();
  }

  /** Says that the task in `slot` waits for room; to be called before the look that finds none. */
  announce(slot: number): void {
    store(this.lane.words, SENDER_WAITING, slot + 1);
  }

  /** Whether at least half of the lane is free: worth waking up for. */
  get isRoomy(): boolean {
    this.#look();
    const items = (this.#sent - this.#seenTaken) | 0;
    const used = (this.#tail - this.#seenHead) | 0;
    return items * 2 <= this.#mostItems && used * 2 <= this.lane.ringUnits;
  }

  /**
   * Appends an item of `length` bytes and wakes a waiting receiver; false, with nothing changed, if there is
   * no room. `payload` holds whole words, so it may be up to three bytes longer.
   */
  publish(payload: Int32Array, length: number, form: number = Form.inline): boolean {
    if (!this.append(payload, length, form)) return false;
    this.wakeReceiver();
    return true;
  }

  /** Wakes a waiting receiver. */
  wakeReceiver(): void {
    wake(this.#board, this.lane.words, RECEIVER_WAITING);
  }

  /** As {@link publish}; but a receiver that sleeps hears of it only by {@link wakeReceiver}, which must follow. */
  append(payload: Int32Array, length: number, form: number): boolean {
    const { words, ringUnits } = this.lane;
    const units = itemUnits(length);
    const position = this.#tail & (ringUnits - 1);
    const skipped = position + units > ringUnits ? ringUnits - position : 0;
    if (!this.#hasRoom(units + skipped)) return false;
    if (skipped > 0) writeHeader(this.lane, position, Form.skip, this.#sent);
    const begin = skipped > 0 ? 0 : position;
    writeHeader(this.lane, begin, (length << FORM_BITS) | form, this.#sent);
    copyPayload(this.lane, begin, payload, length);
    const tail = (this.#tail + units + skipped) | 0;
    this.#sent = (this.#sent + 1) | 0;
    writeHeader(this.lane, tail & (ringUnits - 1), 0, this.#sent);
    this.#tail = tail;
    this.lane.doubles[BYTES_SENT / 2] = (this.lane.doubles[BYTES_SENT / 2] as number) + length;
    store(words, TAIL, tail);
    return true;
  }

  #hasRoom(units: number): boolean {
    if (this.#fits(units)) return true;
    this.#look();
    return this.#fits(units);
  }

  #look(): void {
    this.#seenHead = load(this.lane.words, HEAD);
    this.#seenTaken = sequenceAt(this.lane, this.#seenHead); // only this half writes over it
    noteMost(this.lane, MOST_BY_SENDER, (this.#sent - this.#seenTaken) | 0);
  }

  #fits(units: number): boolean {
    const used = (this.#tail - this.#seenHead) | 0;
    const items = (this.#sent - this.#seenTaken) | 0;
    return items < this.#mostItems && used + units < this.lane.ringUnits;
  }
}

/** The receiving half. One task uses it at a time. */
export class LaneReceiver {
  readonly lane: Lane;
  readonly #board: Board;
  #head: number;
  #seenTail: number;
  #peekedUnits = 0;
  #peekedBytes = 0;

  constructor(lane: Lane, board: Board) {
    this.lane = lane;
    this.#board = board;
    this.#head = load(lane.words, HEAD);
    this.#seenTail = this.#head;
  }

  /** Looks where the lane is now: to be called by a receiver that takes over from another one. */
  refresh(): void {
    this.#head = load(this.lane.words, HEAD);
    this.#seenTail = this.#head;
  }

  /** Says that the task in `slot` waits for an item; to be called before the look that finds none. */
  announce(slot: number): void {
    store(this.lane.words, RECEIVER_WAITING, slot + 1);
  }

  /** Whether an item is there. */
  get hasItem(): boolean {
    if (this.#head === this.#seenTail) this.#look();
    return this.#head !== this.#seenTail;
  }

  #look(): void {
    this.#seenTail = load(this.lane.words, TAIL);
    if (this.#seenTail === this.#head) return;
    const sent = sequenceAt(this.lane, this.#seenTail); // only an item after this one is written over it
    noteMost(this.lane, MOST_BY_RECEIVER, (sent - sequenceAt(this.lane, this.#head)) | 0);
  }

  /** The oldest item, which stays in the lane until {@link acknowledge}; undefined if there is none. */
  peek(): Peeked | undefined {
    if (!this.hasItem) return undefined;
    const { ringUnits } = this.lane;
    let begin = this.#head & (ringUnits - 1);
    let skipped = 0;
    if (headerAt(this.lane, begin) === Form.skip) {
      skipped = ringUnits - begin;
      begin = 0;
    }
    const header = headerAt(this.lane, begin);
    const length = header >>> FORM_BITS;
    this.#peekedUnits = skipped + itemUnits(length);
    this.#peekedBytes = length;
    return { form: header & FORM_MASK, start: payloadByte(begin), length };
  }

  /** What the oldest item names, which must be there. */
  idsOfOldest(): number[] {
    const begin = this.#head & (this.lane.ringUnits - 1);
    const unit = headerAt(this.lane, begin) === Form.skip ? 0 : begin;
    return idsOfItem(this.lane, unit, headerAt(this.lane, unit));
  }

  /** Takes the item that was peeked out of the lane and wakes a waiting sender. */
  acknowledge(): void {
    invariant(this.#peekedUnits > 0, "an item was acknowledged that nobody had looked at");
    const { words, doubles } = this.lane;
    this.#head = (this.#head + this.#peekedUnits) | 0;
    this.#peekedUnits = 0;
    doubles[BYTES_TAKEN / 2] = (doubles[BYTES_TAKEN / 2] as number) + this.#peekedBytes;
    store(words, HEAD, this.#head);
    wake(this.#board, words, SENDER_WAITING);
  }

  /** Why no more items will be published, or `open`. Look at this before the look that finds no item. */
  get senderState(): EndStateValue {
    return load(this.lane.words, SENDER_STATE) as EndStateValue;
  }

  /** Whether the lane was aborted, as far as is known here: a look that costs next to nothing. */
  get seemsAborted(): boolean {
    return this.lane.words[SENDER_STATE] === EndState.aborted;
  }

  /** The id of the parcel that holds the error with which the sender ended; 0 if there is none. */
  get closeParcelId(): number {
    return load(this.lane.words, CLOSE_PARCEL);
  }
}

/**
 * How many items were sent into the lane, and how many of them its receiver has taken. Exact for the tasks at
 * the two ends, and for everybody once both are dead.
 */
export function countItems(lane: Lane): { readonly sent: number; readonly taken: number } {
  const taken = sequenceAt(lane, load(lane.words, HEAD)) >>> 0;
  return { sent: sequenceAt(lane, load(lane.words, TAIL)) >>> 0, taken };
}

/**
 * The ids of the shared buffers that items in the lane name. May be called by a third thread while the two
 * ends go on: what is read of an item counts only if HEAD has not passed it by afterwards, because until then
 * nobody writes over it.
 */
export function idsCarried(lane: Lane): number[] {
  if (load(lane.words, RECEIVER_STATE) !== EndState.open) return []; // nobody will receive them
  const closing = load(lane.words, CLOSE_PARCEL);
  return closing === 0 ? idsLeft(lane) : [...idsLeft(lane), closing];
}

/** The same, also if nobody will receive them. */
export function idsLeft(lane: Lane): number[] {
  const { words, ringUnits } = lane;
  const ids: number[] = [];
  let position = load(words, HEAD);
  const tail = load(words, TAIL);
  while (((tail - position) | 0) > 0) {
    const begin = position & (ringUnits - 1);
    const header = headerAt(lane, begin);
    const found = idsOfItem(lane, begin, header);
    const head = load(words, HEAD);
    if (((position - head) | 0) < 0) {
      position = head;
      continue;
    }
    ids.push(...found);
    const units = header === Form.skip ? ringUnits - begin : itemUnits(header >>> FORM_BITS);
    position = (position + units) | 0;
  }
  return ids;
}

/** Asserts that the words of a lane at rest agree with each other. */
export function checkLane(lane: Lane): void {
  const { words, ringUnits, capacity } = lane;
  const tail = load(words, TAIL);
  const used = (tail - load(words, HEAD)) | 0;
  const { sent, taken } = countItems(lane);
  const items = (sent - taken) | 0;
  invariant(used >= 0 && used < ringUnits, `a lane of ${ringUnits} units has ${used} in use`);
  invariant(items >= 0 && items <= (capacity || 1), `a lane for ${capacity} items holds ${items}`);
  let position = load(words, HEAD);
  for (let i = taken; position !== tail;) {
    invariant(sequenceAt(lane, position) >>> 0 === i, `item ${i} of a lane has another number`);
    const header = headerAt(lane, position & (ringUnits - 1));
    if (header === Form.skip) {
      position = (position + ringUnits - (position & (ringUnits - 1))) | 0;
      continue;
    }
    position = (position + itemUnits(header >>> FORM_BITS)) | 0;
    i = (i + 1) >>> 0;
  }
}

function noteMost({ words }: Lane, word: number, items: number): void {
  if (items > (words[word] as number)) words[word] = items;
}

/** Wakes the sender that waits at a lane. */
export function wakeSender(board: Board, { words }: Lane): void {
  wake(board, words, SENDER_WAITING);
}

/** Wakes the receiver that waits at a lane. */
export function wakeReceiver(board: Board, { words }: Lane): void {
  wake(board, words, RECEIVER_WAITING);
}

function wake(board: Board, words: Int32Array, waiting: number): void {
  const waiter = load(words, waiting);
  if (waiter === 0) return;
  // If another task has announced itself since, it looked after that, and saw what is told here. Its word must stay.
  compareExchange(words, waiting, waiter, 0);
  ring(board, waiter - 1);
}

/** What an item names; nonsense, but no more than that, if the item is being written over meanwhile. */
function idsOfItem({ words, ringUnits }: Lane, unit: number, header: number): number[] {
  const length = header >>> FORM_BITS;
  const form = header & FORM_MASK;
  if (unit + itemUnits(length) > ringUnits) return [];
  const first = payloadByte(unit) / 4;
  if (form === Form.apart) return [at(words, first)];
  if (form !== Form.carrying || length < 8) return [];
  const bytesWord = first + (length >> 2) - 2;
  const count = Math.min(at(words, bytesWord + 1) >>> 0, (length >> 2) - 2);
  return [...words.subarray(bytesWord - count, bytesWord)];
}

function writeHeader({ words }: Lane, unit: number, header: number, sequence: number): void {
  const word = HEADER_WORDS + unit * UNIT_WORDS;
  words[word] = header;
  words[word + 1] = sequence;
}

function headerAt({ words }: Lane, unit: number): number {
  return at(words, HEADER_WORDS + unit * UNIT_WORDS);
}

/** The number of the item that begins, or will begin, at a position of HEAD or TAIL. */
function sequenceAt({ words, ringUnits }: Lane, position: number): number {
  return at(words, HEADER_WORDS + (position & (ringUnits - 1)) * UNIT_WORDS + 1);
}

function payloadByte(unit: number): number {
  return HEADER_WORDS * 4 + (unit + 1) * UNIT_BYTES;
}

/** Below this many words a loop is faster than `set`, which must make a view of the source first. */
const LOOP_WORDS = 64;
const WORD_BYTES = 4;

/** Item and ring are aligned, so whole words go; up to three bytes beyond the payload go with them. */
function copyPayload(lane: Lane, unit: number, payload: Int32Array, length: number): void {
  const start = HEADER_WORDS + (unit + 1) * UNIT_WORDS;
  const count = Math.ceil(length / WORD_BYTES);
  if (count > LOOP_WORDS) {
    lane.words.set(payload.subarray(0, count), start);
    return;
  }
  const { words } = lane;
  for (let i = 0; i < count; i++) words[start + i] = payload[i] as number;
}

function at(words: Int32Array, index: number): number {
  const value = words[index];
  if (value === undefined) throw new QuipeBug(`word ${index} lies outside of its structure`);
  return value;
}
