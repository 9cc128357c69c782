/**
 * Checks references between objects while all objects are visited in the order in which they lie.
 *
 *   marks, one byte for each two words:
 *     nought      nothing has referred to this place yet
 *     1           one object that is not eager refers to it; it lies further on
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

const MARK = { NONE: 0, HELD: 1, SHARED: 254, START: 255 } as const;

/** Objects inside each other that fit into the largest closed subtree. */
const DEEPEST: number = EAGER_WORDS / MINIMUM_RECORD_WORDS;

/** References from the objects of a region under check. */
export class ReferenceCheck {
  readonly #words: Int32Array;
  readonly #marks: Uint8Array;
  readonly #end: Address;
  #open = 0;
  /** Where the object under visit begins. */
  #holder = 0;
  /** What it marks objects with that it refers to. */
  #mark: number = MARK.HELD;

  /** Objects lie from the start of the heap to `end`. */
  constructor(words: Int32Array, end: Address) {
    this.#words = words;
    this.#end = end;
    this.#marks = new Uint8Array((end >> 1) + 1);
  }

  /** Begins the visit of the object at `address`. */
  visit(address: Address, head: number): void {
    const mark = this.#marks[address >> 1] as number;
    this.#marks[address >> 1] = MARK.START;
    this.#holder = address;
    this.#mark = MARK.HELD;
    if (mark !== MARK.NONE) this.#open--;
    if ((head & FLAG.EAGER) === 0) {
      if (mark > MARK.HELD && mark !== MARK.SHARED) fault("a closed subtree is open");
      return;
    }
    if (mark === MARK.NONE || mark > DEEPEST) fault("an object is wrongly said to be closed");
    this.#mark = mark + 1;
  }

  /** Checks a reference from the object under visit. */
  check(target: Address): void {
    if (target < HEAP_START || target >= this.#end || (target & 1) !== 0) {
      fault("a reference leads out of the heap");
    }
    const mark = this.#marks[target >> 1] as number;
    if (target > this.#holder) {
      if (mark === MARK.NONE) {
        this.#marks[target >> 1] = this.#mark;
        this.#open++;
        return;
      }
      this.#marks[target >> 1] = MARK.SHARED;
    } else {
      if (mark !== MARK.START) fault("a reference leads into the middle of an object");
      if (((this.#words[target] as number) & FLAG.EAGER) !== 0) fault("a closed subtree is shared");
    }
    if (this.#mark !== MARK.HELD) fault("a closed subtree refers out of itself");
  }

  /** Checks that every reference led to an object. */
  finish(): void {
    if (this.#open !== 0) fault("a reference leads into the middle of an object");
  }
}
