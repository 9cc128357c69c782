/**
 * The undo log of a guard: what the words of its region were before the open update overwrote them.
 *
 *   entry    copy the old words, then their address and count ─▶ add to LOG_USED ─▶ overwrite in place
 *   commit   LOG_USED = 0                        the update has happened
 *   undo     entries, newest first ─▶ LOG_USED = 0     it has not
 *
 * The count is published by an atomic read-modify-write: behind a plain store, or an atomic one, the write
 * in place might be made first. Undoing can be repeated, so a death in the middle of it does no harm. Words
 * behind the top that the region had before the update are free and not noted: the header, which is, gives them back.
 *
 * The first few places are noted by lines of 8 words, so that a short update is cheap; from then on by pages of
 * 128, each once, so that a long one is. A line can lie in a page that is noted later: its older entry is undone last.
 */
import { QuipeError } from "../errors.ts";
import { add, load, store } from "../runtime/atomics.ts";
import { GUARD, LOG_ENTRY } from "./guard-layout.ts";
import { type Address, HEADER, HEAP_START } from "./layout.ts";

/** Words of a page, as a shift. */
export const LOG_PAGE_SHIFT = 7;
const LINE_SHIFT = 3;
const LINE_WORDS = 1 << LINE_SHIFT;
/** Lines that are noted one by one before whole pages are. */
const LINES = 4;
/** The words of a region's header that an update may change. */
const HEADER_FIRST: Address = HEADER.EDITS;
const HEADER_COUNT = HEADER.LIMIT + 1 - HEADER_FIRST;

/** The memory of a guard, as the one who holds its lock sees it. */
export interface LogMemory {
  /** All words; new ones after it grew. */
  readonly words: Int32Array;
  /** Makes sure that there are `count` words. */
  reserve(count: number): void;
}

/** The undo log of one guard, while this thread holds its lock. */
export class UndoLog {
  /** The update in which each page was noted last, and the one that is open. */
  stamps: Int32Array = new Int32Array(0);
  stamp = 0;
  readonly #memory: LogMemory;
  #words: Int32Array = new Int32Array(0);
  /** The first word that was free when the update began. */
  #top: Address = 0;
  #used = 0;
  #lineCount = 0;
  readonly #lines = new Int32Array(LINES);
  #headerIsNoted = false;

  constructor(memory: LogMemory) {
    this.#memory = memory;
  }

  /** Begins an update of the region with these words. */
  begin(words: Int32Array): void {
    this.#words = words;
    this.#top = words[HEADER.TOP] as Address;
    this.#used = 0;
    this.#lineCount = 0;
    this.#headerIsNoted = false;
    if (++this.stamp > 0x3fff_ffff) this.#startStamps(0);
    const pages = (this.#top >> LOG_PAGE_SHIFT) + 1;
    if (this.stamps.length < pages) this.#startStamps(pages * 2);
  }

  #startStamps(pages: number): void {
    this.stamps = new Int32Array(Math.max(pages, this.stamps.length));
    this.stamp = 1;
  }

  /** The update is over, one way or the other. */
  end(): void {
    this.#used = 0;
  }

  /** The region has new words, with the same content at the same addresses. */
  moved(words: Int32Array): void {
    this.#words = words;
  }

  /** Whether the open update has overwritten anything. */
  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** To be called before `count` words from `address` on are overwritten. */
  touch(address: Address, count: number): void {
    if (address >= this.#top) return;
    const lastPage = (address + count - 1) >> LOG_PAGE_SHIFT;
    for (let page = address >> LOG_PAGE_SHIFT; page <= lastPage; page++) {
      if (this.stamps[page] !== this.stamp && !this.#noteLine(address, count)) this.#notePage(page);
    }
  }

  /** To be called before any word of the header is overwritten. */
  touchHeader(): void {
    if (this.#headerIsNoted) return;
    this.#headerIsNoted = true;
    this.#note(HEADER_FIRST, HEADER_COUNT);
  }

  #noteLine(address: Address, count: number): boolean {
    const line = address >> LINE_SHIFT;
    if ((address + count - 1) >> LINE_SHIFT !== line) return false;
    for (let i = 0; i < this.#lineCount; i++) if (this.#lines[i] === line) return true;
    if (this.#lineCount === LINES) return false;
    this.#lines[this.#lineCount++] = line;
    this.#note(line << LINE_SHIFT, LINE_WORDS);
    return true;
  }

  #notePage(page: number): void {
    this.stamps[page] = this.stamp;
    const first = Math.max(page << LOG_PAGE_SHIFT, HEAP_START);
    const end = Math.min((page + 1) << LOG_PAGE_SHIFT, this.#top);
    this.#note(first, end - first);
  }

  #note(address: Address, count: number): void {
    const start = GUARD.LOG + this.#used;
    const size = count + LOG_ENTRY.WORDS;
    if (start + size > this.#memory.words.length) this.#memory.reserve(start + size);
    const log = this.#memory.words;
    const words = this.#words;
    for (let i = 0; i < count; i++) log[start + i] = words[address + i] as number;
    log[start + count + LOG_ENTRY.ADDRESS] = address;
    log[start + count + LOG_ENTRY.COUNT] = count;
    this.#used += size;
    add(log, GUARD.LOG_USED, size);
  }
}

/** Gives the words of a region back what they were before the update that `guard` has noted. Can be repeated. */
export function undo(guard: Int32Array, words: Int32Array): void {
  let end = load(guard, GUARD.LOG_USED);
  while (end > 0) {
    const trailer = GUARD.LOG + end - LOG_ENTRY.WORDS;
    const count = guard[trailer + LOG_ENTRY.COUNT] as number;
    const address = guard[trailer + LOG_ENTRY.ADDRESS] as Address;
    const start = trailer - count;
    for (let i = 0; i < count; i++) words[address + i] = guard[start + i] as number;
    end -= count + LOG_ENTRY.WORDS;
  }
  store(guard, GUARD.LOG_USED, 0);
}

/** An update needs more memory than there is. */
export function outOfMemory(id: number): QuipeError {
  return new QuipeError(
    "out-of-memory",
    `An update of guard ${id} needs more memory than there is. Nothing has changed; do it in several updates.`,
  );
}

/** An update overwrites more than can be noted: what a guard can note is reserved when it is made. */
export function logOverflow(id: number): QuipeError {
  return new QuipeError(
    "out-of-memory",
    `An update of guard ${id} overwrites more old data than can be noted to undo it: the guard was made when there was much less. Nothing has changed; do it in several updates, or in a new guard of plain(snapshot).`,
  );
}
