/**
 * What lies in a lane, for those who are at neither of its ends: the reaper, which asks what the items name, those who
 * count them, and the check of a lane at rest.
 *
 *   HEAD ▸ item ▸ item ▸ skip ▸ item ▸ TAIL          each header says how far it is to the next
 */
import { invariant } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import {
  CLOSE_PARCEL,
  EndState,
  FORM_BITS,
  FORM_MASK,
  Form,
  HEAD,
  HEADER_WORDS,
  RECEIVER_STATE,
  TAIL,
  UNIT_WORDS,
  itemWords,
} from "./lane-layout.ts";
import { type Lane, at, positionIn, sequenceAt } from "./lane-memory.ts";

/**
 * How many items were sent into the lane, and how many of them its receiver has taken. Exact for the tasks at
 * the two ends, and for everybody once both are dead.
 */
export function countItems(lane: Lane): { readonly sent: number; readonly taken: number } {
  const taken = sequenceAt(lane, positionIn(lane, HEAD)) >>> 0;
  return { sent: sequenceAt(lane, positionIn(lane, TAIL)) >>> 0, taken };
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
  const ids: number[] = [];
  let position = positionIn(lane, HEAD);
  const tail = positionIn(lane, TAIL);
  while (((tail - position) | 0) > 0) {
    const header = headerAt(lane, position);
    const found = idsOfItem(lane, position & (lane.ringWords - 1), header);
    const head = positionIn(lane, HEAD);
    if (((position - head) | 0) < 0) {
      position = head;
      continue;
    }
    ids.push(...found);
    position = after(lane, position, header);
  }
  return ids;
}

/** What the oldest item names; nothing if there is none. */
export function idsOfOldest(lane: Lane): number[] {
  const head = positionIn(lane, HEAD);
  if (head === positionIn(lane, TAIL)) return [];
  const isSkip = headerAt(lane, head) === Form.skip;
  const position = isSkip ? after(lane, head, Form.skip) : head;
  return idsOfItem(lane, position & (lane.ringWords - 1), headerAt(lane, position));
}

/** Asserts that the words of a lane at rest agree with each other. */
export function checkLane(lane: Lane): void {
  const { ringWords, capacity } = lane;
  const tail = positionIn(lane, TAIL);
  let position = positionIn(lane, HEAD);
  const used = (tail - position) | 0;
  const { sent, taken } = countItems(lane);
  const items = (sent - taken) | 0;
  invariant(used >= 0 && used < ringWords, `a lane of ${ringWords} words has ${used} in use`);
  invariant(items >= 0 && items <= (capacity || 1), `a lane for ${capacity} items holds ${items}`);
  for (let i = taken; position !== tail;) {
    const header = headerAt(lane, position);
    const isItem = header !== Form.skip;
    if (isItem)
      invariant(sequenceAt(lane, position) >>> 0 === i, `item ${i} of a lane has another number`);
    position = after(lane, position, header);
    if (isItem) i = (i + 1) >>> 0;
  }
}

/** What an item names; nonsense, but no more than that, if the item is being written over meanwhile. */
function idsOfItem({ words, ringWords }: Lane, begin: number, header: number): number[] {
  const length = header >>> FORM_BITS;
  const form = header & FORM_MASK;
  if (begin + itemWords(header) > ringWords) return [];
  const first = HEADER_WORDS + begin + UNIT_WORDS;
  if (form === Form.apart) return [at(words, first)];
  if (form !== Form.carrying || length < 8) return [];
  const bytesWord = first + (length >> 2) - 2;
  const count = Math.min(at(words, bytesWord + 1) >>> 0, (length >> 2) - 2);
  return [...words.subarray(bytesWord - count, bytesWord)];
}

function headerAt({ words, ringWords }: Lane, position: number): number {
  return at(words, HEADER_WORDS + (position & (ringWords - 1)));
}

/** The position after the item, or the `skip`, that begins at `position` and has this header. */
function after({ ringWords }: Lane, position: number, header: number): number {
  const count = header === Form.skip ? ringWords - (position & (ringWords - 1)) : itemWords(header);
  return (position + count) | 0;
}
