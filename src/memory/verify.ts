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
 */
import { fault, ImageFault } from "./image-fault.ts";
import { isCanonicalHeader } from "./image.ts";
import {
  type Address,
  ENTRY,
  evenWords,
  FIELD,
  FLAG,
  HEADER,
  HEAP_START,
  KIND,
  KIND_MASK,
  LIST,
  MAGIC,
  OBJECT,
  SHAPE_FIELD,
  SHAPE_SHIFT,
  SLOT,
  TAG,
  VERSION,
} from "./layout.ts";
import { checkBox } from "./verify-boxes.ts";
import { MapCheck } from "./verify-maps.ts";
import { ReferenceCheck } from "./verify-references.ts";
import { checkShapes, endOfObjects, type ShapeTable } from "./verify-shapes.ts";
import { checkBuckets, readTable } from "./verify-tables.ts";
import { TextCheck } from "./verify-text.ts";

/** Flags that any object may have. */
const COMMON_FLAGS: number = FLAG.EAGER | FLAG.SHARED;

/** What contradicts the layout in a region in canonical form; undefined if nothing does. */
export function faultInRegion(words: Int32Array): string | undefined {
  return faultOf(() => {
    if (!isCanonicalHeader(words)) fault("the header of its region has words that it should not");
    checkWords(words);
  });
}

/** The same for a region of this process, which may also be known by a number, pinned and so on. */
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
}

function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ImageFault) return error.message;
    throw error;
  }
}

/** The version of the layout that a region says it has; undefined if it is none. */
export function layoutVersion(words: Int32Array): number | undefined {
  return words[HEADER.MAGIC] === MAGIC ? words[HEADER.VERSION] : undefined;
}

type OpenText = (base: Address, top: number) => TextCheck;

function checkWords(
  words: Int32Array,
  openText: OpenText = (base, top) => new TextCheck(words, base, top),
): void {
  if (layoutVersion(words) !== VERSION) fault("its region has another layout");
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
  new ObjectsCheck({ words, end, text, shapes: checkShapes(words, text) }).run();
}

interface Parts {
  readonly words: Int32Array;
  readonly end: Address;
  readonly text: TextCheck;
  readonly shapes: ShapeTable;
}

/** Visits all objects. */
class ObjectsCheck {
  readonly words: Int32Array;
  readonly end: Address;
  readonly text: TextCheck;
  readonly references: ReferenceCheck;
  readonly expressions: Set<string> = new Set();
  readonly #shapes: ShapeTable;
  readonly #maps: MapCheck;

  constructor({ words, end, text, shapes }: Parts) {
    this.words = words;
    this.end = end;
    this.text = text;
    this.references = new ReferenceCheck(words, end);
    this.#shapes = shapes;
    this.#maps = new MapCheck(words, text);
  }

  run(): void {
    const { words, end } = this;
    this.#slot(HEADER.ROOT);
    let ordinal = 0;
    let address: Address = HEAP_START;
    while (address < end) {
      const head = words[address] as number;
      if (words[address + OBJECT.ORDINAL] !== ordinal) fault("an object has a wrong ordinal");
      this.references.visit(address, head);
      const isRecord = (head & KIND_MASK) === KIND.RECORD;
      address += isRecord ? this.#record(address, head) : this.#other(address, head);
      if (address > end) fault("an object is cut off");
      ordinal++;
    }
    if (words[HEADER.ORDINALS] !== ordinal) fault("objects are missing");
    this.references.finish();
    this.#maps.finish();
  }

  /** Checks a record; how many words it takes. */
  #record(address: Address, head: number): number {
    const { words, text, references } = this;
    const { count, recordWords, firstCheck, checks } = this.#shapes;
    const id = head >>> SHAPE_SHIFT;
    if (id >= count) fault("a record has an unknown shape");
    refuseFlags(head, COMMON_FLAGS | (-1 << SHAPE_SHIFT));
    const size = recordWords[id] as number;
    if (address + size > this.end) fault("a record is cut off");
    const last = firstCheck[id + 1] as number;
    for (let i = firstCheck[id] as number; i < last; i++) {
      const check = checks[i] as number;
      const field = address + (check >> SHAPE_FIELD.OFFSET_SHIFT);
      const value = words[field] as number;
      switch (check & FIELD_TYPE_MASK) {
        case FIELD.STRING:
          text.check(value);
          break;
        case FIELD.STRING_OR_NULL:
          if (value !== 0) text.check(value);
          break;
        case FIELD.REFERENCE:
          references.check(value);
          break;
        case FIELD.REFERENCE_OR_NULL:
          if (value !== 0) references.check(value);
          break;
        default:
          this.#slot(field);
      }
    }
    return size;
  }

  /** Checks an object that is no record; how many words it takes. */
  #other(address: Address, head: number): number {
    const kind = head & KIND_MASK;
    // The smallest object has four words, and the checks below read at most so many before they ask.
    if (address + LIST.WORDS > this.end) fault("an object is cut off");
    if (kind >= KIND.LIST_INTEGERS && kind <= KIND.LIST_VALUES) return this.#list(address, head);
    if (kind === KIND.DICTIONARY) {
      refuseFlags(head, COMMON_FLAGS | FLAG.NULL_PROTOTYPE);
      return this.#dictionary(address);
    }
    refuseFlags(head, COMMON_FLAGS);
    if (kind === KIND.MAP || kind === KIND.SET) return this.#map(address);
    return checkBox(this, kind, address);
  }

  #list(address: Address, head: number): number {
    refuseFlags(head, COMMON_FLAGS | FLAG.SEQUENCE | FLAG.ROWS);
    const kind = head & KIND_MASK;
    const length = this.words[address + LIST.LENGTH] as number;
    const data = address + LIST.WORDS;
    const elementWords = kind === KIND.LIST_NUMBERS || kind === KIND.LIST_VALUES ? 2 : 1;
    if (length < 0 || length > (this.end - data) / elementWords) fault("a list is cut off");
    if (this.words[address + LIST.DATA] !== data) fault("a list has its elements elsewhere");
    if (kind === KIND.LIST_REFERENCES) this.#references(data, length, head);
    else if ((head & (FLAG.SEQUENCE | FLAG.ROWS)) !== 0) fault("a list is no sequence of objects");
    else if (kind === KIND.LIST_STRINGS) this.#strings(data, length);
    else if (kind === KIND.LIST_VALUES) this.#values(data, length);
    return LIST.WORDS + evenWords(length * elementWords);
  }

  #strings(data: Address, length: number): void {
    const { words, text } = this;
    for (let i = data; i < data + length; i++) text.check(words[i] as number);
  }

  #values(data: Address, length: number): void {
    for (let slot = data; slot < data + length * SLOT.WORDS; slot += SLOT.WORDS) {
      if (this.words[slot + SLOT.HIGH] !== TAG.HOLE) this.#slot(slot);
    }
  }

  #references(data: Address, length: number, head: number): void {
    const { words, references } = this;
    for (let i = data; i < data + length; i++) references.check(words[i] as Address);
    if ((head & FLAG.ROWS) !== 0) this.#rows(data, length);
    if ((head & FLAG.SEQUENCE) !== 0) this.#sequence(data, length);
    else if ((head & FLAG.ROWS) !== 0) fault("rows are no sequence");
  }

  /** Checks that the elements of a list are records of one shape at equal distances. */
  #rows(data: Address, length: number): void {
    const { words } = this;
    if (length === 0) return;
    const first = words[data] as Address;
    const rowHead = words[first] as number;
    const id = rowHead >>> SHAPE_SHIFT;
    if ((rowHead & KIND_MASK) !== KIND.RECORD || id >= this.#shapes.count) {
      fault("rows are no records");
    }
    const stride = this.#shapes.recordWords[id] as number;
    for (let i = 0; i < length; i++) {
      const row = words[data + i] as Address;
      if (row !== first + i * stride) fault("a row is not in its place");
      if ((((words[row] as number) ^ rowHead) & ~COMMON_FLAGS) !== 0) {
        fault("a row has another shape");
      }
    }
  }

  /** Checks that the elements of a list have ordinals that follow each other. */
  #sequence(data: Address, length: number): void {
    const { words } = this;
    if (length === 0) fault("a list without elements is no sequence");
    const first = words[(words[data] as Address) + OBJECT.ORDINAL] as number;
    for (let i = 1; i < length; i++) {
      if (words[(words[data + i] as Address) + OBJECT.ORDINAL] !== first + i) {
        fault("the elements of a list do not follow each other");
      }
    }
  }

  #dictionary(address: Address): number {
    const { words, text } = this;
    const table = readTable(words, address, { end: this.end, entryWords: ENTRY.WORDS });
    const { entries, count } = table;
    for (let i = 0; i < count; i++) {
      text.check(words[entries + i * ENTRY.WORDS + ENTRY.KEY] as number);
      this.#slot(entries + i * ENTRY.WORDS + ENTRY.VALUE);
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
    for (const slot of this.#maps.slotsOf(table)) this.#slot(slot);
    return table.size;
  }

  /** Checks a value slot that holds no hole. */
  #slot(slot: Address): void {
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

const FIELD_TYPE_MASK: number = (1 << SHAPE_FIELD.OFFSET_SHIFT) - 1;

/** Refuses a head that says more than its kind, and what `allowed` allows. */
function refuseFlags(head: number, allowed: number): void {
  if ((head & ~(KIND_MASK | allowed)) !== 0) fault("an object has unknown flags");
}
