/**
 * The handles of the two ends of a quipe, as entries in shared memory (words: ends-layout.ts).
 *
 *   take ─▶ held by a task ── letGo(token) ─▶ in transit ── depart ─▶ away ── arrive(token) ─▶ in transit ── settle ─▶ held
 *             │                     └── comeBack ──▶ held                              (another task)
 *             └─ close ─▶ free; if it was the last of its side for a direction, that direction ends
 *
 * In transit an entry names a task that has just sent it or just received it. If that task dies then, the message
 * decides: while something carries the token, the entry is away; otherwise it is closed.
 */
import { QuipeError } from "../errors.ts";
import { add, compareExchange, load, or, store } from "../runtime/atomics.ts";
import { type Board, ring } from "../sync/board.ts";
import { ENDS, ENTRY, HANDLE, MAX_HANDLES } from "./ends-layout.ts";
import {
  CLOSE_PARCEL,
  EndState,
  type EndStateValue,
  RECEIVER_STATE,
  SENDER_STATE,
  WORST,
} from "./lane-layout.ts";
import { type QuipeMemory, type Side, otherSide } from "./quipe-memory.ts";

/** What a handle that nobody has closed in part is for. */
export const BOTH: number = HANDLE.SENDS | HANDLE.RECEIVES;

/** A handle: an entry of one side. */
export interface Handle {
  readonly memory: QuipeMemory;
  readonly side: Side;
  readonly entry: number;
}

/** How a handle is closed. */
export interface Closing {
  readonly how: EndStateValue;
  /** The number of the parcel with the error; 0 if there is none. */
  readonly parcelId: number;
}

/** Takes a free entry of `side` for the task in `slot`. Throws `too-many-handles`. */
export function takeHandle(
  memory: QuipeMemory,
  side: Side,
  slot: number,
  bits: number = BOTH,
): Handle {
  const { words } = memory;
  for (let entry = 0; entry < MAX_HANDLES; entry++) {
    raiseHigh(words, side, entry + 1); // first, so that an entry is never beyond it
    const word = entryWord(side, entry);
    if (compareExchange(words, word, 0, (slot + 1) | bits) !== 0) continue;
    add(words, ENDS.TAKEN, 1); // before this task can close the handle of which this one is a clone
    return { memory, side, entry };
  }
  throw new QuipeError(
    "too-many-handles",
    `This end has ${MAX_HANDLES} open clones, which is the limit. Close those that are not used any more.`,
  );
}

/** Several tasks may use `side` from now on. By the only task that has it, before a second one can. */
export function makeShared({ words }: QuipeMemory, side: Side): void {
  or(words, ENDS.SHARED, 1 << side);
}

/** Whether several tasks may use `side`. */
export function isShared({ words }: QuipeMemory, side: Side): boolean {
  return (load(words, ENDS.SHARED) & (1 << side)) !== 0;
}

/** What the handle is for, and who has it. */
export function handleState({ memory, side, entry }: Handle): number {
  return load(memory.words, entryWord(side, entry));
}

/** The number of its last journey. */
export function tokenOf(handle: Handle): number {
  return load(handle.memory.words, wordOf(handle) + ENTRY.TOKEN);
}

/** The handle is about to be sent, under a number that only this journey has. */
export function letGo(handle: Handle, token: number): void {
  const word = wordOf(handle);
  const { words } = handle.memory;
  store(words, word + ENTRY.TOKEN, token);
  store(words, word, load(words, word) | HANDLE.IN_TRANSIT);
}

/** It was not sent after all. */
export function comeBack(handle: Handle): void {
  const state = handleState(handle);
  compareExchange(handle.memory.words, wordOf(handle), state, state & ~HANDLE.IN_TRANSIT);
}

/** The message with it is where its receiver finds it, who may have it already, and may be sending it on. */
export function depart(handle: Handle, token: number, slot: number): void {
  const { words } = handle.memory;
  const state = handleState(handle);
  if ((state & HANDLE.IN_TRANSIT) === 0 || ownerOf(state) !== slot) return;
  if (load(words, wordOf(handle) + ENTRY.TOKEN) !== token) return; // this task has it again, on another journey
  compareExchange(words, wordOf(handle), state, awayOf(state));
}

/** The task in `slot` takes the handle out of a message; false if it is not under way under that number. */
export function arrive(handle: Handle, token: number, slot: number): boolean {
  const word = wordOf(handle);
  const { words } = handle.memory;
  for (;;) {
    const state = load(words, word);
    const isUnderWay = (state & (HANDLE.AWAY | HANDLE.IN_TRANSIT)) !== 0;
    if (!isUnderWay || load(words, word + ENTRY.TOKEN) !== token) return false;
    const mine = (state & BOTH) | (slot + 1) | HANDLE.IN_TRANSIT;
    if (compareExchange(words, word, state, mine) === state) return true;
  }
}

/** The message that it came in is received for good. */
export function settle(handle: Handle): void {
  const state = handleState(handle);
  store(handle.memory.words, wordOf(handle), state & ~HANDLE.IN_TRANSIT);
}

/**
 * Ends what `bits` say of a handle, for its task or by the reaper; and what ends with it. Wakes whoever wants to know.
 * Can be repeated.
 */
export function closeHandle(handle: Handle, bits: number, closing: Closing, board: Board): void {
  const { memory, side } = handle;
  const { words } = memory;
  if ((bits & HANDLE.SENDS) !== 0) noteEnd(memory, side, closing);
  const state = handleState(handle);
  const left = state & ~bits;
  store(words, wordOf(handle), isOfNoUse(left) ? 0 : left);
  settleSide(memory, side, board);
}

/** A handle that is on its way, but that no message carries any more. False if it has arrived meanwhile. */
export function closeLost(handle: Handle, state: number, closing: Closing, board: Board): boolean {
  noteEnd(handle.memory, handle.side, closing);
  if (compareExchange(handle.memory.words, wordOf(handle), state, 0) !== state) return false;
  settleSide(handle.memory, handle.side, board);
  return true;
}

/** Aborts both lanes. `parcelId`: of the reason. False if that was so already. */
export function abortQuipe(memory: QuipeMemory, parcelId: number, board: Board): boolean {
  const isFirst = compareExchange(memory.words, ENDS.ABORT, 0, parcelId) === 0;
  finishAbort(memory, board);
  return isFirst;
}

/** Does for both lanes what an abort that has begun does. Can be repeated. */
export function finishAbort(memory: QuipeMemory, board: Board): void {
  if (load(memory.words, ENDS.ABORT) === 0) return;
  for (const { words } of memory.lanes) {
    // In this order: who has heard of the end finds that it can no longer send either.
    store(words, RECEIVER_STATE, EndState.aborted);
    store(words, SENDER_STATE, EndState.aborted);
  }
  ringHolders(memory, board);
}

/** Ends the directions of a side for which no handle is left. Can be repeated, by anybody. */
export function settleSide(memory: QuipeMemory, side: Side, board: Board): void {
  const kinds = kindsLeft(memory, side);
  const into = memory.laneFrom(otherSide(side)).words;
  const out = memory.laneFrom(side).words;
  // In this order: who has heard of the end finds that it can no longer send either.
  const receivesNoMore =
    (kinds & HANDLE.RECEIVES) === 0 && end(into, RECEIVER_STATE, EndState.clean);
  const worst = Math.max(load(out, WORST), EndState.clean);
  const sendsNoMore = (kinds & HANDLE.SENDS) === 0 && end(out, SENDER_STATE, worst);
  if (receivesNoMore || sendsNoMore) ringHolders(memory, board);
}

/**
 * What the handles of a side are for, all together. A clone may have been taken where the look had passed already, and the
 * handle that it was made of closed where it had not come yet: then it looks again.
 */
function kindsLeft(memory: QuipeMemory, side: Side): number {
  for (;;) {
    const taken = load(memory.words, ENDS.TAKEN);
    let kinds = 0;
    for (const { state } of entriesOf(memory, side)) kinds |= state;
    if ((kinds & BOTH) === BOTH || load(memory.words, ENDS.TAKEN) === taken) return kinds;
  }
}

/** Wakes every task that has a handle of either side, and the one that wants to hear of what nobody received. */
export function ringHolders(memory: QuipeMemory, board: Board): void {
  const slots = new Set<number>();
  const home = load(memory.words, ENDS.HOME);
  if (home !== 0) slots.add(home - 1);
  for (const side of [0, 1] as const) {
    for (const { state } of entriesOf(memory, side))
      if (ownerOf(state) >= 0) slots.add(ownerOf(state));
  }
  for (const slot of slots) ring(board, slot);
}

/** Whether the task in `slot` has a handle of either side. */
export function hasHandle(memory: QuipeMemory, slot: number): boolean {
  for (const side of [0, 1] as const) {
    for (const { state } of entriesOf(memory, side)) {
      if (ownerOf(state) === slot && (state & HANDLE.AWAY) === 0) return true;
    }
  }
  return false;
}

/** How many handles a side has that are for sending, and for receiving. */
export function countHandles(
  memory: QuipeMemory,
  side: Side,
): { senders: number; receivers: number } {
  let senders = 0;
  let receivers = 0;
  for (const { state } of entriesOf(memory, side)) {
    if ((state & HANDLE.SENDS) !== 0) senders += 1;
    if ((state & HANDLE.RECEIVES) !== 0) receivers += 1;
  }
  return { senders, receivers };
}

/** An entry that is not free, as it is at the moment. */
export interface TakenEntry extends Handle {
  readonly state: number;
  readonly token: number;
}

/** The entries of a side that are not free. */
export function* entriesOf(
  memory: QuipeMemory,
  side: Side,
): Generator<TakenEntry, void, undefined> {
  const { words } = memory;
  const high = load(words, ENDS.HIGH + side);
  for (let entry = 0; entry < high; entry++) {
    const word = entryWord(side, entry);
    const state = load(words, word);
    if (state !== 0) yield { memory, side, entry, state, token: load(words, word + ENTRY.TOKEN) };
  }
}

/** The slot of the task that has a handle in such a state, or sent it; -1 if there is none. */
export function ownerOf(state: number): number {
  return (state & HANDLE.OWNER_MASK) - 1;
}

/** The state of a handle that the message decides over: what it is for, that nobody has it, and who sent it. */
export function awayOf(state: number): number {
  return (state & (BOTH | HANDLE.OWNER_MASK)) | HANDLE.AWAY;
}

/**
 * By the reaper: a handle that a dead task was sending, or had just received, is on its way again, sent by nobody who
 * lives; unless it has arrived meanwhile.
 */
export function sendAway({ memory, side, entry, state }: TakenEntry): void {
  const away = (state & BOTH) | HANDLE.AWAY;
  compareExchange(memory.words, entryWord(side, entry), state, away);
}

/** Notes how a handle that sends ends, before it does. */
function noteEnd(memory: QuipeMemory, side: Side, { how, parcelId }: Closing): void {
  const { words } = memory.laneFrom(side);
  if (parcelId !== 0) compareExchange(words, CLOSE_PARCEL, 0, parcelId);
  for (;;) {
    const worst = load(words, WORST);
    if (worst >= how || compareExchange(words, WORST, worst, how) === worst) return;
  }
}

function end(words: Int32Array, stateWord: number, how: number): boolean {
  return compareExchange(words, stateWord, EndState.open, how) === EndState.open;
}

function raiseHigh(words: Int32Array, side: Side, atLeast: number): void {
  for (;;) {
    const high = load(words, ENDS.HIGH + side);
    if (high >= atLeast || compareExchange(words, ENDS.HIGH + side, high, atLeast) === high) return;
  }
}

function isOfNoUse(state: number): boolean {
  return (state & BOTH) === 0;
}

function wordOf({ side, entry }: Handle): number {
  return entryWord(side, entry);
}

function entryWord(side: Side, entry: number): number {
  return ENDS.HANDLES + (side * MAX_HANDLES + entry) * ENTRY.WORDS;
}
