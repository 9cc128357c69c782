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
 */
import { fault } from "./image-fault.ts";
import { type Address, EAGER_WORDS, FLAG, HEAP_START, MINIMUM_RECORD_WORDS } from "./layout.ts";

const MARK = { UNSEEN: 0, HELD: 1, SHARED: 254, START: 255 } as const;

// Engines know a constant of this module, but look up an imported one, or a field of one.
const UNSEEN: number = MARK.UNSEEN;
const HELD: number = MARK.HELD;
const SHARED: number = MARK.SHARED;
const START: number = MARK.START;
const EAGER: number = FLAG.EAGER;
const FIRST: number = HEAP_START;

/** Objects inside each other that fit into the largest closed subtree. */
const DEEPEST: number = EAGER_WORDS / MINIMUM_RECORD_WORDS;

/** References from the objects of a region under check. */
export class ReferenceCheck {
  /** By address, halved. The hottest loop of the check leaves marks itself. */
  readonly marks: Uint8Array;
  /** How many objects that were marked have not been visited. */
  open = 0;
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
    this.marks = new Uint8Array((end >> 1) + 1);
  }

  /** Begins the visit of the object at `address`; the mark that it leaves on objects it refers to. */
  visit(address: Address, head: number): number {
    const mark = this.marks[address >> 1] as number;
    this.marks[address >> 1] = START;
    this.#holder = address;
    this.#mark = HELD;
    if (mark !== UNSEEN) this.open--;
    if ((head & EAGER) === 0) {
      if (mark > HELD && mark !== SHARED) fault("a closed subtree is open");
      return HELD;
    }
    if (mark === UNSEEN || mark > DEEPEST) fault("an object is wrongly said to be closed");
    this.#mark = mark + 1;
    return mark + 1;
  }

  /** Checks a reference from the object under visit. */
  check(target: Address): void {
    if (target < FIRST || target >= this.#end || (target & 1) !== 0) {
      fault("a reference leads out of the heap");
    }
    const known = this.marks[target >> 1] as number;
    if (target > this.#holder) {
      if (known === UNSEEN) {
        this.marks[target >> 1] = this.#mark;
        this.open++;
        return;
      }
      this.marks[target >> 1] = SHARED;
    } else {
      if (known !== START) fault("a reference leads into the middle of an object");
      if (((this.#words[target] as number) & EAGER) !== 0) fault("a closed subtree is shared");
    }
    if (this.#mark !== HELD) fault("a closed subtree refers out of itself");
  }

  /** Checks that every reference led to an object. */
  finish(): void {
    if (this.open !== 0) fault("a reference leads into the middle of an object");
  }
}
