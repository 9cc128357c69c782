/**
 * Checks references between objects while all objects are visited in the order in which they lie.
 *
 *   marks, one byte for each two words:
 *     UNSEEN      nothing has referred to this place yet
 *     HELD        one object that is not eager refers to it; it lies further on
 *     2 to 129    one eager object refers to it, 1 to 128 deep in closed subtrees: so it must be eager
 *     SHARED      several objects refer to it
 *     START       an object begins here, and was visited
 *
 * A reference forward leaves a mark, and a visit takes it; when all are taken, every reference led to
 * the beginning of an object. Eager objects, which readers build by recursion together with their
 * holders, have one holder before them and hold only eager objects behind them: so they form trees, at
 * most 128 deep, and no cycle.
 *
 * Rows that hold no references need no marks, if nothing before has left one on them: where such rows
 * begin and how long each is says which places are beginnings. Not to touch the marks of a million
 * rows saves as much time as all else that is checked of them.
 */
import { fault } from "./image-fault.ts";
import { type Address, EAGER_WORDS, FLAG, HEAP_START, MINIMUM_RECORD_WORDS } from "./layout.ts";

/** No mark. */
export const UNMARKED = 0;

const MARK = { UNSEEN: UNMARKED, HELD: 1, SHARED: 254, START: 255 } as const;

// Engines know a constant of this module, but look up an imported one, or a field of one.
const UNSEEN: number = MARK.UNSEEN;
const HELD: number = MARK.HELD;
const SHARED: number = MARK.SHARED;
const START: number = MARK.START;
const EAGER: number = FLAG.EAGER;
const FIRST: number = HEAP_START;

/** Fewer rows are marked like everything else. */
const LEAST_ROWS = 256;

/** Objects inside each other that fit into the largest closed subtree. */
const DEEPEST: number = EAGER_WORDS / MINIMUM_RECORD_WORDS;

/** References from the objects of a region under check. */
export class ReferenceCheck {
  /** By address, halved. */
  readonly #marks: Uint8Array;
  /** Of rows without marks: where the first one begins, where the last one ends, and the words of each. */
  readonly #rows: { readonly start: Address; readonly end: Address; readonly size: number }[] = [];
  /** How many objects that were marked have not been visited. */
  #open = 0;
  readonly #words: Int32Array;
  readonly #end: Address;
  /** Where the object under visit begins. */
  #holder = 0;
  /** What it marks objects with that it refers to. */
  #mark: number = HELD;

  /** Objects lie from the start of the heap to `end`. */
  constructor(words: Int32Array, end: Address) {
    this.#words = words;
    this.#end = end;
    this.#marks = new Uint8Array((end >> 1) + 1);
  }

  /** The mark that the object under visit leaves on objects it refers to. */
  get mark(): number {
    return this.#mark;
  }

  /**
   * Begins the visit of the object at `address`. `left` is the mark of a list that is known to have it as
   * its element and has left no mark.
   */
  visit(address: Address, head: number, left: number): void {
    const found = this.#marks[address >> 1] as number;
    let mark = found;
    if (left !== UNSEEN) mark = found === UNSEEN ? left : SHARED;
    this.#marks[address >> 1] = START;
    this.#holder = address;
    this.#mark = HELD;
    if (found !== UNSEEN) this.#open--;
    if ((head & EAGER) === 0) {
      if (mark > HELD && mark !== SHARED) fault("a closed subtree is open");
      return;
    }
    if (mark === UNSEEN || mark > DEEPEST) fault("an object is wrongly said to be closed");
    this.#mark = mark + 1;
  }

  /**
   * Whether `count` rows of `size` words each, which hold no references, can do without marks. If so, they need
   * not be visited; {@link canBeRow} says what is to be checked instead.
   */
  skipRows(start: Address, count: number, size: number): boolean {
    const end = start + count * size;
    if (count < LEAST_ROWS || !this.#areUnseen(start, end)) return false;
    this.#rows.push({ start, end, size });
    return true;
  }

  /** Whether a row that was not visited may have this head, if its list has the mark `left`. */
  static canBeRow(head: number, left: number): boolean {
    return (head & EAGER) === 0 ? left === HELD : left <= DEEPEST;
  }

  #areUnseen(start: Address, end: Address): boolean {
    if (this.#open === 0) return true;
    for (let i = start >> 1; i < end >> 1; i++) if (this.#marks[i] !== UNSEEN) return false;
    return true;
  }

  /** Whether one of the rows without marks begins at `target`. */
  #isRow(target: Address): boolean {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.end ?? 0) <= target) low = middle + 1;
      else high = middle;
    }
    const rows = this.#rows[low];
    return rows !== undefined && target >= rows.start && (target - rows.start) % rows.size === 0;
  }

  /** Checks a reference from the object under visit. */
  check(target: Address): void {
    if (target < FIRST || target >= this.#end || (target & 1) !== 0) {
      fault("a reference leads out of the heap");
    }
    const known = this.#marks[target >> 1] as number;
    if (target > this.#holder) {
      if (known === UNSEEN) {
        this.#marks[target >> 1] = this.#mark;
        this.#open++;
        return;
      }
      this.#marks[target >> 1] = SHARED;
    } else {
      if (known !== START && !this.#isRow(target))
        fault("a reference leads into the middle of an object");
      if (((this.#words[target] as number) & EAGER) !== 0) fault("a closed subtree is shared");
    }
    if (this.#mark !== HELD) fault("a closed subtree refers out of itself");
  }

  /** Checks that every reference led to an object. */
  finish(): void {
    if (this.#open !== 0) fault("a reference leads into the middle of an object");
  }
}
