/**
 * Checks that words nobody vouches for are one region in the canonical form of image.ts, before anything
 * is read through them: afterwards every reader may trust every word as if this program had written it.
 *
 *   HEAP_START                              TEXT            TOP = all words
 *   │ object 0 │ object 1 │ … │ shapes │ table │ text         │
 *     ordinal 0  ordinal 1
 *
 * Objects are visited in the order in which they lie. Each begins where the one before ends and has the
 * next ordinal, which leaves no room for overlaps, gaps and doubles. What objects refer to is checked by
 * verify-references.ts and verify-text.ts. The time is linear in the words; what is not by nature has a
 * budget.
 *
 * Objects may be visited while those behind them are still being read (arriving-region.ts).
 */
import { fault, faultOf } from "./image-fault.ts";
import {
  type Address,
  ENTRY,
  evenWords,
  FLAG,
  HEADER,
  HEAP_START,
  KIND,
  KIND_MASK,
  LIST,
  MAGIC,
  OBJECT,
  SHAPE_SHIFT,
  SLOT,
  TAG,
  VERSION,
} from "./layout.ts";
import { checkBox } from "./verify-boxes.ts";
import { MapCheck } from "./verify-maps.ts";
import { ReferenceCheck, UNMARKED } from "./verify-references.ts";
import { checkFields, type RowContext, RowsCheck } from "./verify-rows.ts";
import { checkShapes, COMMON_FLAGS, endOfObjects, type ShapeTable } from "./verify-shapes.ts";
import { checkBuckets, readTable } from "./verify-tables.ts";
import { type Column, TextCheck } from "./verify-text.ts";

/** What contradicts the layout in a region of this process, which may also be known by a number, pinned and so on. */
export function faultInLiveRegion(words: Int32Array): string | undefined {
  return faultOf(() => {
    if (words[HEADER.EDITS] !== 0) fault("it was edited");
    checkWords(words);
  });
}

/** How many strings there are in a region that was checked. */
export function countStrings(words: Int32Array): number {
  let references: ReadonlySet<number> = new Set();
  checkWords(words, (base, top) => {
    const text = new CountingText(words, base, top);
    references = text.references;
    return text;
  });
  return references.size;
}

/** Remembers which strings were referred to. */
class CountingText extends TextCheck {
  readonly references = new Set<number>();

  override check(reference: number): void {
    super.check(reference);
    this.references.add(reference);
  }

  override checkColumn({ start, stride, count, mayBeNone }: Column): void {
    for (let i = 0; i < count; i++) {
      const reference = this.words[start + i * stride] as number;
      if (reference !== 0 || !mayBeNone) this.check(reference);
    }
  }
}

/** The version of the layout that a region says it has; undefined if it is none. */
export function layoutVersion(words: Int32Array): number | undefined {
  return words[HEADER.MAGIC] === MAGIC ? words[HEADER.VERSION] : undefined;
}

/** Throws unless a region says that it has the one layout that is read here; nothing else in it means anything then. */
export function checkVersion(words: Int32Array): void {
  if (layoutVersion(words) !== VERSION) fault("its region has another layout");
}

type OpenText = (base: Address, top: number) => TextCheck;

function checkWords(words: Int32Array, openText?: OpenText): void {
  openObjects(words, openText).visitUpTo(words.length);
}

/** Checks header, root and shapes of a region, so that its objects can be visited. */
export function openObjects(
  words: Int32Array,
  openText: OpenText = (base, top) => new TextCheck(words, base, top),
): ObjectsCheck {
  checkVersion(words);
  const end = endOfObjects(words);
  const base = words[HEADER.TEXT] as Address;
  const top = words[HEADER.TEXT_TOP] as number;
  const shapes = words[HEADER.SHAPES] as number;
  const isWhole =
    base === (words[HEADER.SHAPE_TABLE] as number) + evenWords(shapes) &&
    words[HEADER.SHAPE_CAPACITY] === evenWords(shapes) &&
    top >= 1 &&
    words[HEADER.TEXT_END] === top &&
    words[HEADER.TOP] === words.length &&
    words.length === evenWords(base + top);
  if (!isWhole) fault("the parts of its region do not fit together");
  const text = openText(base, top);
  const objects = new ObjectsCheck({ words, end, text, shapes: checkShapes(words, text) });
  objects.checkSlot(HEADER.ROOT);
  return objects;
}

interface Parts {
  readonly words: Int32Array;
  readonly end: Address;
  readonly text: TextCheck;
  readonly shapes: ShapeTable;
}

/** Visits all objects. */
export class ObjectsCheck implements RowContext {
  readonly words: Int32Array;
  readonly end: Address;
  readonly text: TextCheck;
  readonly references: ReferenceCheck;
  readonly shapes: ShapeTable;
  readonly expressions: Set<string> = new Set();
  readonly #maps: MapCheck;
  /** How many objects were visited: the ordinal of the next one. */
  #ordinal = 0;
  /** The last ordinal of the sequence under visit, its elements' addresses less their ordinals, its list's mark. */
  readonly #sequence = { last: -1, offset: 0, mark: UNMARKED as number };
  /** How many rows follow the list under visit. */
  #rowCount = 0;
  #rows: RowsCheck | undefined = undefined;
  /** Where the next object begins; while rows are checked, the first of them. */
  #address: Address = HEAP_START;

  constructor({ words, end, text, shapes }: Parts) {
    this.words = words;
    this.end = end;
    this.text = text;
    this.references = new ReferenceCheck(words, end);
    this.shapes = shapes;
    this.#maps = new MapCheck(words, text);
  }

  /** Goes on as long as all words of the next object lie below `ready`; to the end if that is all words. */
  visitUpTo(ready: Address): void {
    do {
      if (!this.#checkRows(ready)) break;
      this.#visitObjects(ready);
    } while (this.#rows !== undefined);
    if (ready === this.words.length) this.#finish();
  }

  /** Visits objects until a list of rows has been visited. */
  #visitObjects(ready: Address): void {
    const { words, end, references } = this;
    const isWhole = ready === words.length;
    const last = isWhole ? end : Math.min(end, ready - LARGEST_RECORD);
    let address = this.#address;
    while (address < last && this.#rows === undefined) {
      const head = words[address] as number;
      const isRecord = (head & KIND_BITS) === RECORD;
      if (!isWhole && !isRecord && !this.#hasArrived(address, head, ready)) break;
      if (words[address + ORDINAL] !== this.#ordinal) fault("an object has a wrong ordinal");
      references.visit(address, head, this.#leftBySequence(address));
      this.#ordinal++;
      address += isRecord ? this.#record(address, head) : this.#other(address, head);
      if (this.#rowCount > 0) this.#expectRows(address);
    }
    this.#address = address;
  }

  /** Whether all words that the visit of an object which is no record looks at lie below `ready`. */
  #hasArrived(address: Address, head: number, ready: Address): boolean {
    const kind = head & KIND_BITS;
    if (kind < FIRST_LIST || kind > LAST_LIST) return false;
    if ((head & FLAG.SEQUENCE) !== 0) return true;
    return (
      address + LIST_WORDS + (this.words[address + LIST_LENGTH] as number) * SLOT.WORDS <= ready
    );
  }

  #finish(): void {
    if (this.#rows !== undefined || this.#address !== this.end) fault("an object is cut off");
    if (this.#ordinal <= this.#sequence.last) fault("elements of a list are missing");
    if (this.words[HEADER.ORDINALS] !== this.#ordinal) fault("objects are missing");
    this.references.finish();
    this.#maps.finish();
  }

  /** Checks a record; how many words it takes. */
  #record(address: Address, head: number): number {
    const id = head >>> ID_SHIFT;
    if (id >= this.shapes.count) fault("a record has an unknown shape");
    if ((head & FLAG_BITS & ~(this.shapes.flags[id] as number)) !== 0) {
      fault("a record has unknown flags");
    }
    const size = this.shapes.recordWords[id] as number;
    if (address + size > this.end) fault("a record is cut off");
    checkFields(this, id, address);
    return size;
  }

  /** Notes that the rows of the list just visited begin at `address`. */
  #expectRows(address: Address): void {
    const { offset, mark } = this.#sequence;
    const count = this.#rowCount;
    const ordinal = this.#ordinal;
    const elements = offset + ordinal;
    this.#rows = new RowsCheck(this, { count, address, ordinal, elements, mark });
    this.#rowCount = 0;
    this.#ordinal += count;
  }

  /** Goes on with the rows under check; false if some have not arrived. */
  #checkRows(ready: Address): boolean {
    if (this.#rows === undefined) return true;
    const end = this.#rows.checkUpTo(ready);
    if (end === undefined) return false;
    this.#address = end;
    this.#rows = undefined;
    return true;
  }

  /** Checks an object that is no record; how many words it takes. */
  #other(address: Address, head: number): number {
    const kind = head & KIND_BITS;
    // The smallest object has four words, and the checks below read at most so many before they ask.
    if (address + LIST_WORDS > this.end) fault("an object is cut off");
    if (kind >= FIRST_LIST && kind <= LAST_LIST) return this.#list(address, head);
    if (kind === KIND.DICTIONARY) {
      refuseFlags(head, COMMON_FLAGS | FLAG.NULL_PROTOTYPE);
      return this.#dictionary(address);
    }
    refuseFlags(head, COMMON_FLAGS);
    if (kind === KIND.MAP || kind === KIND.SET) return this.#map(address);
    return checkBox(this, kind, address);
  }

  #list(address: Address, head: number): number {
    const { words, end } = this;
    const kind = head & KIND_BITS;
    const length = words[address + LIST_LENGTH] as number;
    const data = address + LIST_WORDS;
    const elementWords = kind === LIST_NUMBERS || kind === LAST_LIST ? 2 : 1;
    if (length < 0 || length > (end - data) / elementWords) fault("a list is cut off");
    if (words[address + LIST_DATA] !== data) fault("a list has its elements elsewhere");
    if (kind === LIST_REFERENCES) {
      refuseFlags(head, COMMON_FLAGS | FLAG.SEQUENCE | FLAG.ROWS);
      this.#references(data, length, head);
    } else {
      if ((head & UNKNOWN_LIST_FLAGS) !== 0) fault("a list has unknown flags");
      if (kind > LIST_NUMBERS) this.#elements(kind, data, length);
    }
    return LIST_WORDS + ((length * elementWords + 1) & ~1);
  }

  /** Checks the elements of a list of strings or values. */
  #elements(kind: number, data: Address, length: number): void {
    if (kind === KIND.LIST_STRINGS) this.#strings(data, length);
    else this.#values(data, length);
  }

  #strings(data: Address, length: number): void {
    const { words, text } = this;
    for (let i = data; i < data + length; i++) text.check(words[i] as number);
  }

  #values(data: Address, length: number): void {
    for (let slot = data; slot < data + length * SLOT.WORDS; slot += SLOT.WORDS) {
      if (this.words[slot + SLOT.HIGH] !== TAG.HOLE) this.checkSlot(slot);
    }
  }

  #references(data: Address, length: number, head: number): void {
    const isRows = (head & FLAG.ROWS) !== 0;
    if ((head & FLAG.SEQUENCE) !== 0) {
      this.#expectSequence(data, length, isRows);
      return;
    }
    if (isRows) fault("rows are no sequence");
    const { words, references } = this;
    for (let i = data; i < data + length; i++) references.check(words[i] as Address);
  }

  /**
   * Notes that the next `length` objects are the elements of the list under visit. They are placed right
   * behind it and are no lists, so there is never more than one such list to keep in mind.
   */
  #expectSequence(data: Address, length: number, isRows: boolean): void {
    if (length === 0) fault("a list without elements is no sequence");
    if (this.#ordinal <= this.#sequence.last) fault("a sequence lies within another one");
    this.#sequence.last = this.#ordinal + length - 1;
    this.#sequence.offset = data - this.#ordinal;
    this.#sequence.mark = this.references.mark;
    if (isRows) this.#rowCount = length;
  }

  /** The mark that the object at `address`, the next to be visited, has as an element of a sequence. */
  #leftBySequence(address: Address): number {
    const { last, offset, mark } = this.#sequence;
    if (this.#ordinal > last) return UNMARKED;
    if (this.words[offset + this.#ordinal] !== address) fault("an element is not in its place");
    return mark;
  }

  #dictionary(address: Address): number {
    const { words, text } = this;
    const table = readTable(words, address, { end: this.end, entryWords: ENTRY.WORDS });
    const { entries, count } = table;
    for (let i = 0; i < count; i++) {
      text.check(words[entries + i * ENTRY.WORDS + ENTRY.KEY] as number);
      this.checkSlot(entries + i * ENTRY.WORDS + ENTRY.VALUE);
    }
    const keyOf = (index: number): number =>
      words[entries + index * ENTRY.WORDS + ENTRY.KEY] as number;
    checkBuckets(words, table, {
      hash: (index) => text.hash(keyOf(index)),
      stored: (index) => words[entries + index * ENTRY.WORDS + ENTRY.HASH] as number,
      equal: (index, other) => text.equal(keyOf(index), keyOf(other)),
    });
    return table.size;
  }

  #map(address: Address): number {
    const table = this.#maps.open(address, this.end);
    for (const slot of this.#maps.slotsOf(table)) this.checkSlot(slot);
    return table.size;
  }

  /** Checks a value slot that holds no hole. */
  checkSlot(slot: Address): void {
    const high = this.words[slot + SLOT.HIGH] as number;
    if (high < TAG.FIRST || high >= 0) return;
    const low = this.words[slot + SLOT.LOW] as number;
    switch (high) {
      case TAG.STRING:
        this.text.check(low);
        return;
      case TAG.REFERENCE:
        this.references.check(low);
        return;
      case TAG.UNDEFINED:
      case TAG.NULL:
      case TAG.FALSE:
      case TAG.TRUE:
        return;
      default:
        fault("a value has an unknown tag");
    }
  }
}

// What the hottest loop compares with: engines know a constant of this module, but look up an imported one.
const KIND_BITS: number = KIND_MASK;
const RECORD: number = KIND.RECORD;
const ID_SHIFT: number = SHAPE_SHIFT;
const FIRST_LIST: number = KIND.LIST_INTEGERS;
const LAST_LIST: number = KIND.LIST_VALUES;
const LIST_NUMBERS: number = KIND.LIST_NUMBERS;
const LIST_REFERENCES: number = KIND.LIST_REFERENCES;
const LIST_WORDS: number = LIST.WORDS;
const LIST_LENGTH: number = LIST.LENGTH;
const LIST_DATA: number = LIST.DATA;
const ORDINAL: number = OBJECT.ORDINAL;
const UNKNOWN_LIST_FLAGS: number = ~(KIND_MASK | COMMON_FLAGS);

/** More words than a record can have. */
const LARGEST_RECORD = 1024;

/** Bits of the head of a record that are neither kind nor shape. */
const FLAG_BITS: number = ~(KIND_MASK | (-1 << SHAPE_SHIFT));

/** Refuses a head that says more than its kind, and what `allowed` allows. */
function refuseFlags(head: number, allowed: number): void {
  if ((head & ~(KIND_MASK | allowed)) !== 0) fault("an object has unknown flags");
}
