/**
 * Copies what is still reached in a region into a compact image, word by word and without a look at values.
 *
 *   region ─ root, extra roots ──▶ stack of references ──▶ draft ──▶ image, as the encoder would place it
 *                                          ▲                 │
 *                                          └─────────────────┘
 *   table: ordinal before ──▶ address now, 0 for what was not reached
 *
 * Parents are placed before children and the records of a list behind it, so flags, ordinals and hash
 * tables become what the encoder makes of the same data, and the image passes every check that a loaded
 * one does. What editing left behind is gone: forwarding addresses, deleted entries, blocks that moved
 * away from their lists, slots for values that have one type again, dictionaries that were records.
 *
 * The region itself is only read. A copy that fails for want of memory has changed nothing.
 */
import { copyWords, ListMover, roomFor } from "./compact-lists.ts";
import { TextMover } from "./compact-text.ts";
import { type RecordPlan, ShapePlans, STEP_TYPE } from "./compact-shapes.ts";
import { tableWords, TableMover } from "./compact-tables.ts";
import { Draft } from "./draft.ts";
import { enterLate } from "./encode-map.ts";
import {
  type Address,
  BIGINT,
  BYTES,
  DATE,
  DICTIONARY,
  evenWords,
  FIELD,
  FLAG,
  FOREIGN,
  FORWARD,
  HEADER,
  INSTANCE,
  KIND,
  KIND_MASK,
  OBJECT,
  REGEXP,
  SHAPE_FIELD,
  SHAPE_SHIFT,
  SLOT,
  TAG,
} from "./layout.ts";
import type { Region } from "./region.ts";
import { withBoolean } from "./shapes.ts";
import { finishDraft, writeDraft } from "./write-image.ts";

/** What a region becomes. */
export interface CompactImage {
  /** Words of the image. */
  readonly words: number;
  /** Words of it that are room for more elements and entries. */
  readonly roomWords: number;
  /** The regions that it refers to. */
  readonly references: ReadonlySet<number>;
  /**
   * Writes the image to the beginning of `target`. Its header is that of the region, but for its pins: what
   * the state, the owner and the epoch are is for the caller to say. To be called once.
   */
  writeTo(target: Int32Array): void;
  /** Where the object is now that was at `address`; 0 if nothing reached it. */
  addressOf(address: Address): Address;
}

/** What a compact image is to hold. */
export interface CompactOptions {
  /** Addresses of objects to keep besides what the root of the region reaches. */
  readonly extraRoots?: Iterable<Address>;
  /** Whether lists and tables that have grown keep room for more; else everything is as small as can be. */
  readonly keepsRoom?: boolean;
}

/** Copies what `region` holds into a compact image. */
export function compactImage(region: Region, options: CompactOptions = {}): CompactImage {
  return new Compactor(region, options).run();
}

/** Copies one region. */
class Compactor {
  readonly #from: Int32Array;
  readonly #fromNumbers: Float64Array;
  readonly #text: TextMover;
  readonly #draft: Draft;
  readonly #shapes: ShapePlans;
  readonly #lists: ListMover;
  readonly #tables: TableMover;
  readonly #keepsRoom: boolean;
  readonly #extraRoots: Iterable<Address>;
  readonly #moved: Int32Array;
  readonly #references = new Set<number>();
  #roomWords = 0;

  constructor(region: Region, { extraRoots = [], keepsRoom = false }: CompactOptions) {
    this.#from = region.words;
    this.#fromNumbers = region.numbers;
    this.#text = new TextMover(region.words);
    this.#draft = new Draft(this.#text);
    this.#draft.reserve(region.words[HEADER.TOP] as number);
    this.#draft.expectObjects(region.words[HEADER.ORDINALS] as number);
    this.#shapes = new ShapePlans(region);
    this.#keepsRoom = keepsRoom;
    this.#extraRoots = extraRoots;
    this.#moved = new Int32Array(region.words[HEADER.ORDINALS] as number);
    const moveSlot = (from: Address, to: Address): void => this.#slot(from, to);
    this.#lists = new ListMover(region, this.#draft, keepsRoom, {
      text: this.#text,
      moveSlot,
      placeElement: (old, word) => this.#element(old, word),
    });
    this.#tables = new TableMover(region, this.#draft, {
      text: this.#text,
      shapes: this.#shapes,
      moveSlot,
    });
  }

  run(): CompactImage {
    const draft = this.#draft;
    this.#slot(HEADER.ROOT, HEADER.ROOT);
    this.#placePending();
    for (const address of this.#extraRoots) this.#placeExtra(address);
    enterLate(draft, this.#tables.late);
    draft.markEager();
    const words = finishDraft(draft, this.#shapes.write(draft, this.#text));
    for (const word of KEPT) draft.words[word] = this.#from[word] as number;
    return {
      words,
      roomWords: this.#roomWords + this.#lists.roomWords,
      references: this.#references,
      writeTo: (target) => writeDraft(draft, target),
      addressOf: (address) => this.#placeOf(address),
    };
  }

  /** Where the object at `address` was placed; 0 if it was not yet. */
  #placeOf(address: Address): Address {
    return this.#moved[this.#from[address + OBJECT.ORDINAL] as number] as Address;
  }

  #placePending(): void {
    const draft = this.#draft;
    while (draft.pending > 0) {
      const address = draft.takePending() as Address;
      const mark = draft.pending;
      const { word } = draft;
      const known = this.#placeOf(address);
      if (known !== 0) draft.linkAgain(word, known);
      else {
        // Placing may replace the words, so they are looked up after it.
        const placed = this.#place(address);
        draft.words[word] = placed;
      }
      draft.turnPending(mark);
    }
  }

  /** Places an object that is held though it may lead from nowhere: it counts as shared. */
  #placeExtra(address: Address): void {
    if (this.#placeOf(address) !== 0) return;
    this.#draft.holder = -1;
    this.#draft.shareAgain(this.#place(address));
    this.#placePending();
  }

  /** Places the object at `address`, which was not placed yet. */
  #place(address: Address): Address {
    const from = this.#from;
    let old = address;
    while (((from[old] as number) & KIND_MASK) === KIND.FORWARD) {
      old = from[old + FORWARD.TARGET] as Address;
    }
    const head = from[old] as number;
    const kind = head & KIND_MASK;
    // It will lie at the top, and a cycle may lead back to it before it is complete.
    this.#moved[from[old + OBJECT.ORDINAL] as number] = this.#draft.top;
    if (kind === KIND.RECORD) return this.#record(old, this.#shapes.plan(head >>> SHAPE_SHIFT));
    if (kind >= KIND.LIST_INTEGERS && kind <= KIND.LIST_VALUES) return this.#lists.move(old, kind);
    if (kind === KIND.DICTIONARY) return this.#dictionary(old);
    if (kind === KIND.MAP || kind === KIND.SET) {
      return this.#tables.moveMap(old, this.#tableRoom(old));
    }
    return this.#box(old, kind);
  }

  #record(old: Address, { head, words: count, steps }: RecordPlan): Address {
    const draft = this.#draft;
    const from = this.#from;
    const address = draft.place(head | ((from[old] as number) & FLAG.TRUE), count);
    const { words } = draft;
    for (let i = FIRST_FIELD; i < count; i++) words[address + i] = from[old + i] as number;
    if (steps.length === 0) return address;
    const { holder } = draft;
    draft.holder = draft.ordinals - 1;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as number;
      this.#field(step & STEP_BITS, old + (step >> STEP_SHIFT), address - old);
    }
    draft.holder = holder;
    return address;
  }

  /** Copies a field that holds text or leads somewhere; `shift` is how far its record moves. */
  #field(type: number, field: Address, shift: number): void {
    const value = this.#from[field] as number;
    if (type === ANY) this.#slot(field, field + shift);
    else if (value === 0) return;
    else if (type === STRING || type === STRING_OR_NULL) {
      this.#draft.words[field + shift] = this.#text.move(value);
    } else {
      this.#draft.words[field + shift] = 0;
      this.#draft.pend(value, field + shift);
    }
  }

  #slot(from: Address, to: Address): void {
    const low = this.#from[from + SLOT.LOW] as number;
    const high = this.#from[from + SLOT.HIGH] as number;
    const { words } = this.#draft;
    words[to + SLOT.HIGH] = high;
    if (high === TAG.STRING) words[to + SLOT.LOW] = this.#text.move(low);
    else if (high !== TAG.REFERENCE) words[to + SLOT.LOW] = low;
    else {
      words[to + SLOT.LOW] = 0;
      this.#draft.pend(low, to + SLOT.LOW);
    }
  }

  /** Places or finds a record that is an element of a list; 0 for anything else, which is pended. */
  #element(old: Address, word: Address): Address {
    const head = this.#from[old] as number;
    const ordinal = this.#from[old + ORDINAL] as number;
    const known = this.#moved[ordinal] as Address;
    if ((head & KIND_BITS) === RECORD) {
      if (known !== 0) return this.#draft.shareAgain(known);
      this.#moved[ordinal] = this.#draft.top;
      return this.#record(old, this.#shapes.plan(head >>> SHAPE_SHIFT));
    }
    if (this.#kindOf(old) !== KIND.DICTIONARY) {
      this.#draft.words[word] = 0;
      this.#draft.pend(old, word);
      return 0;
    }
    return known === 0 ? this.#place(old) : this.#draft.shareAgain(known);
  }

  #kindOf(address: Address): number {
    const from = this.#from;
    let at = address;
    while (((from[at] as number) & KIND_MASK) === KIND.FORWARD) {
      at = from[at + FORWARD.TARGET] as Address;
    }
    return (from[at] as number) & KIND_MASK;
  }

  #dictionary(old: Address): Address {
    const fields = this.#tables.fieldsOf(old);
    const shape = fields === undefined ? undefined : this.#shapes.shapeFor(fields);
    if (fields === undefined || shape === undefined) {
      return this.#tables.moveDictionary(old, this.#tableRoom(old));
    }
    const draft = this.#draft;
    const { head, words: count } = this.#shapes.plan(shape.id);
    const address = draft.place(head, count);
    const { holder } = draft;
    draft.holder = draft.ordinals - 1;
    shape.types.forEach((type, index) => {
      const offset = shape.offsets[index] as number;
      this.#fieldOfSlot(type, fields.slots[index] as Address, { address, offset });
    });
    draft.holder = holder;
    return address;
  }

  /** Writes what the slot at `slot` holds into the field of `type` at `offset` of the record at `address`. */
  #fieldOfSlot(
    type: number,
    slot: Address,
    { address, offset }: { readonly address: Address; readonly offset: number },
  ): void {
    const { words, numbers } = this.#draft;
    const field = address + offset;
    const low = this.#from[slot + SLOT.LOW] as number;
    const high = this.#from[slot + SLOT.HIGH] as number;
    if (type === FIELD.ANY) this.#slot(slot, field);
    else if (type === FIELD.NUMBER) numbers[field >> 1] = this.#fromNumbers[slot >> 1] as number;
    else if (type === FIELD.INTEGER) words[field] = this.#fromNumbers[slot >> 1] as number;
    else if (high === TAG.STRING) words[field] = this.#text.move(low);
    else if (high === TAG.REFERENCE) this.#draft.pend(low, field);
    else if (type !== FIELD.BOOLEAN) words[field] = 0;
    else words[field] = withBoolean(words[field] as number, offset, high === TAG.TRUE);
  }

  /** How many entries the table at `old` shall have room for; it may have grown. */
  #tableRoom(old: Address): number {
    const from = this.#from;
    const live = from[old + DICTIONARY.LIVE] as number;
    const hasGrown = (from[old + DICTIONARY.CAPACITY] as number) !== live;
    if (!this.#keepsRoom || !hasGrown) return live;
    const capacity = roomFor(live);
    this.#roomWords += tableWords(from, old, capacity) - tableWords(from, old, live);
    return capacity;
  }

  /** Copies an object that is neither record, list nor table. */
  #box(old: Address, kind: number): Address {
    const draft = this.#draft;
    const from = this.#from;
    const size = this.#sizeOfBox(old, kind);
    const address = draft.place(kind, size);
    const { words } = draft;
    const rest = {
      first: old + OBJECT.WORDS,
      to: address + OBJECT.WORDS,
      count: size - OBJECT.WORDS,
    };
    copyWords(from, words, rest);
    if (kind === KIND.REGEXP) {
      words[address + REGEXP.SOURCE] = this.#text.move(from[old + REGEXP.SOURCE] as number);
      words[address + REGEXP.FLAGS] = this.#text.move(from[old + REGEXP.FLAGS] as number);
    } else if (kind === KIND.ERROR || kind === KIND.INSTANCE) {
      draft.holder = draft.ordinals - 1;
      words[address + INSTANCE.CLASS] = this.#text.move(from[old + INSTANCE.CLASS] as number);
      words[address + INSTANCE.FIELDS] = 0;
      draft.pend(from[old + INSTANCE.FIELDS], address + INSTANCE.FIELDS);
    } else if (kind === KIND.FOREIGN) this.#references.add(from[old + FOREIGN.REGION] as number);
    return address;
  }

  #sizeOfBox(old: Address, kind: number): number {
    switch (kind) {
      case KIND.BIGINT:
        return evenWords(BIGINT.MAGNITUDE + (this.#from[old + BIGINT.COUNT] as number));
      case KIND.BYTES:
        return evenWords(BYTES.DATA + Math.ceil((this.#from[old + BYTES.COUNT] as number) / 4));
      case KIND.DATE:
        return DATE.WORDS;
      case KIND.REGEXP:
        return REGEXP.WORDS;
      case KIND.FOREIGN:
        return FOREIGN.WORDS;
      default:
        return INSTANCE.WORDS;
    }
  }
}

// Engines know a constant of this module, but look up an imported one.
const KIND_BITS: number = KIND_MASK;
const RECORD: number = KIND.RECORD;
const ORDINAL: number = OBJECT.ORDINAL;
const FIRST_FIELD: number = OBJECT.WORDS;
const STEP_BITS: number = STEP_TYPE;
const STEP_SHIFT: number = SHAPE_FIELD.OFFSET_SHIFT;
const ANY: number = FIELD.ANY;
const STRING: number = FIELD.STRING;
const STRING_OR_NULL: number = FIELD.STRING_OR_NULL;

/** Words of the header that a compact image has from its region. */
const KEPT: readonly number[] = [
  HEADER.ID,
  HEADER.STATE,
  HEADER.OWNER,
  HEADER.EPOCH,
  HEADER.EDITION,
];
