/**
 * Copies a graph of plain data into the words of a region, once.
 *
 *   stack of pending values ──▶ place (records, lists, dictionaries) ──▶ words, text
 *           ▲                          │ objects met inside
 *           └──────────────────────────┘
 *
 * Iterative, so depth and cycles cost no calls. An object met again is linked, not copied. A refusal
 * leaves nothing behind, since until the end only ordinary memory was written.
 */
import { invariant } from "../errors.ts";
import { areDistinct, type RowList } from "./distinct-rows.ts";
import { Draft } from "./draft.ts";
import { type DictionaryUses, placeDictionary } from "./encode-dictionary.ts";
import { placeBigint, placeBox } from "./encode-boxes.ts";
import { placeList } from "./encode-list.ts";
import { enterLate, type LateEntry, placeMap } from "./encode-map.ts";
import {
  type Address,
  FIELD,
  FLAG,
  FOREIGN,
  FORWARD,
  HEADER,
  KIND,
  KIND_MASK,
  LIST,
  MAXIMUM_SHAPES,
  OBJECT,
  SHAPE_SHIFT,
} from "./layout.ts";
import { type Location, locate } from "./location.ts";
import { isPlainPrototype, KeyCollector } from "./plain-keys.ts";
import { Refusal, refusalError } from "./refusals.ts";
import type { Region } from "./region.ts";
import type { KeyNode } from "./shape-tree.ts";
import { holdsValue, isInteger, Shape } from "./shapes.ts";
import { type Definition, type StagedValues, stagedValues } from "./struct-instances.ts";
import { TextUse } from "./text-writer.ts";

/** A graph as words that are ready to become a region. */
export interface Encoded {
  readonly draft: Draft;
  readonly shapes: readonly Shape[];
  /** The frozen regions that the graph refers to. */
  readonly references: ReadonlySet<Region>;
}

/** Lists at least this long are sampled, so that their records get one shape. */
const SAMPLED_LENGTH = 64;
const SAMPLES = 48;

/** Steps by this part of a list meet no period that its records may have. */
const GOLDEN = 0.618_033_988_749_895;

/**
 * Encodes `root`. Throws `not-shareable` with a path if something in it cannot be shared. What is in one of
 * `drafts` is referred to as if it were frozen already.
 */
export function encode(root: unknown, drafts?: ReadonlySet<Region>): Encoded {
  const encoder = new Encoder(new Draft(), undefined, drafts);
  try {
    return encoder.encode(root);
  } catch (error) {
    if (error instanceof Refusal) throw refusalError(root, error);
    throw error;
  }
}

/** The shape of a struct class in one region. */
interface StructShape {
  readonly shape: Shape;
  readonly uses: readonly TextUse[];
}

/** Places graphs into a draft; used once for a new region, again and again for one that is edited. */
export class Encoder {
  readonly #draft: Draft;
  /** The region that the draft belongs to, if it has one already: its own objects are linked, not copied. */
  readonly #home: Region | undefined;
  /** Regions that may still be changed, but will be frozen before anybody reads what is encoded here. */
  readonly #drafts: ReadonlySet<Region> | undefined;
  readonly #firstShape: number;
  /** Where each object was placed. Looking up here is the largest single cost of encoding. */
  #known = new Map<object, Address>();
  /** Entries of Maps whose keys are objects. */
  readonly #late: LateEntry[] = [];
  readonly #shapes: Shape[] = [];
  readonly #structs = new Map<Definition, StructShape>();
  readonly #references = new Set<Region>();
  readonly #collector = new KeyCollector();
  readonly #dictionaryUses: DictionaryUses = { keys: new TextUse(), values: new TextUse() };

  constructor(draft: Draft, home?: Region, drafts?: ReadonlySet<Region>) {
    this.#draft = draft;
    this.#home = home;
    this.#drafts = drafts;
    this.#firstShape = home?.words[HEADER.SHAPES] ?? 0;
  }

  /** Encodes a whole region. */
  encode(root: unknown): Encoded {
    const draft = this.#draft;
    draft.writeSlot(HEADER.ROOT, root, new TextUse());
    this.#placePending();
    draft.markEager();
    return { draft, shapes: this.#shapes, references: this.#references };
  }

  /** Writes the address of `value` to `word` of a region that exists, and places what is new in it. */
  add(value: object | bigint, word: Address): Encoded {
    this.#known = new Map();
    this.#draft.pend(value, word);
    this.#placePending();
    return { draft: this.#draft, shapes: this.#shapes, references: this.#references };
  }

  #placePending(): void {
    const draft = this.#draft;
    while (draft.pending > 0) {
      const value = draft.takePending();
      const mark = draft.pending;
      this.#link(value as object | bigint);
      draft.turnPending(mark);
    }
    enterLate(draft, this.#late);
    this.#late.length = 0;
  }

  /** Writes the address of `value` to the word that waits for it, and places it if it is new. */
  #link(value: object | bigint): void {
    const { word } = this.#draft;
    if (typeof value === "bigint") {
      const address = placeBigint(this.#draft, value);
      this.#draft.words[word] = address;
      return;
    }
    const known = this.#addressAtHome(value) ?? this.#findOrEnter(value);
    if (known !== undefined) {
      this.#draft.linkAgain(word, known);
      return;
    }
    // Placing may replace the words, so they are looked up after it.
    const address = this.#place(value);
    this.#draft.words[word] = address;
  }

  /** Where `value` was placed; else undefined, and it counts as placed at the top, where it will be. */
  #findOrEnter(value: object): Address | undefined {
    const known = this.#known.get(value);
    if (known === undefined) this.#known.set(value, this.#draft.top);
    return known;
  }

  #addressAtHome(value: object): Address | undefined {
    if (this.#home === undefined) return undefined;
    const location = locate(value);
    return location?.region === this.#home ? location.address : undefined;
  }

  #place(value: object): Address {
    if (locate(value) !== undefined) return this.#placeForeign(value);
    if (Array.isArray(value)) return this.#placeList(value);
    const staged = stagedValues(value);
    if (staged !== undefined) return this.#placeStruct(staged);
    if (isPlainPrototype(Object.getPrototypeOf(value))) return this.#placePlain(value);
    if (value instanceof Map || value instanceof Set)
      return placeMap(this.#draft, value, this.#late);
    return placeBox(this.#draft, value);
  }

  #placeForeign(value: object): Address {
    const location = locate(value);
    if (location === undefined) throw new Refusal(value, "it is no longer in shared memory");
    if (!location.region.isFrozen && this.#drafts?.has(location.region) !== true) {
      throw new Refusal(
        value,
        "it belongs to a region that can still be changed; freeze that first",
      );
    }
    const address = this.#draft.place(KIND.FOREIGN, FOREIGN.WORDS);
    this.#draft.words[address + FOREIGN.REGION] = location.region.id;
    this.#draft.words[address + FOREIGN.ADDRESS] = findNow(location);
    this.#references.add(location.region);
    return address;
  }

  #placeList(list: readonly unknown[]): Address {
    if (list.length >= SAMPLED_LENGTH) this.#sample(list);
    if (this.#home !== undefined || !areDistinct(list)) {
      return placeList(this.#draft, list, (element) => this.#placeFresh(element));
    }
    const rows: RowList = { list, data: this.#draft.top + LIST.WORDS, placed: 0 };
    return placeList(this.#draft, list, (element) => this.#placeRow(element, rows));
  }

  /** Widens the shapes of a list's records by some of them, so that rows keep one shape. */
  #sample(list: readonly unknown[]): void {
    for (let i = 0; i < SAMPLES; i++) {
      const element = list[Math.floor(((i * GOLDEN) % 1) * list.length)];
      if (typeof element !== "object" || element === null || Array.isArray(element)) continue;
      if (!isPlainPrototype(Object.getPrototypeOf(element)) || locate(element) !== undefined)
        continue;
      const node = this.#collector.collect(element);
      if (node !== undefined && !fits(node, this.#collector.values)) this.#widen(node);
    }
  }

  /** Places a row of a list of distinct rows, without entering it in the table of known objects. */
  #placeRow(value: object, rows: RowList): Address | undefined {
    const isPlain = !Array.isArray(value) && isPlainPrototype(Object.getPrototypeOf(value));
    const node =
      isPlain && locate(value) === undefined ? this.#collector.collect(value) : undefined;
    const isRow = node?.claim(rows) === true;
    const { holder } = this.#draft;
    const address = isRow ? this.#placeCollected(value, node) : this.#placeFresh(value);
    this.#draft.holder = holder;
    rows.placed++;
    return address;
  }

  /** Enters the rows that were left out of the table, now that `value` with the same keys is met elsewhere. */
  #enterRows(rows: RowList, value: object): Address | undefined {
    this.#known.delete(value);
    for (let i = 0; i < rows.placed; i++) {
      const address = this.#draft.words[rows.data + i] as Address;
      // Nought: the element is no row, and still pending.
      if (address !== 0) this.#known.set(rows.list[i] as object, address);
    }
    return this.#findOrEnter(value);
  }

  #placeFresh(value: object): Address | undefined {
    if (Array.isArray(value)) return undefined;
    const isPlain = isPlainPrototype(Object.getPrototypeOf(value));
    const staged = isPlain ? undefined : stagedValues(value);
    if (!isPlain && staged === undefined) return undefined;
    if (locate(value) !== undefined) return undefined;
    const known = this.#findOrEnter(value);
    if (known !== undefined) return this.#draft.shareAgain(known);
    const holder = this.#draft.holder;
    const address = staged === undefined ? this.#placePlain(value) : this.#placeStruct(staged);
    this.#draft.holder = holder;
    return address;
  }

  #placePlain(value: object): Address {
    const node = this.#collector.collect(value);
    if (node === undefined) return this.#placeDictionary(value);
    node.isEntered = true;
    if (node.rows !== undefined) {
      const known = this.#enterRows(node.rows, value);
      node.rows = undefined;
      if (known !== undefined) return this.#draft.shareAgain(known);
      this.#collector.collect(value);
    }
    return this.#placeCollected(value, node);
  }

  #placeCollected(value: object, node: KeyNode): Address {
    const expected = this.#draft.top;
    for (;;) {
      const { shape, uses } = node;
      const address = shape === undefined ? undefined : this.#tryRecord(shape, uses);
      if (address !== undefined) {
        if (address !== expected) this.#known.set(value, address);
        return address;
      }
      if (this.#firstShape + this.#shapes.length === MAXIMUM_SHAPES)
        return this.#placeDictionary(value);
      this.#widen(node);
    }
  }

  /** Places an instance of a struct class as a record of the shape that the class declares. */
  #placeStruct(staged: StagedValues): Address {
    const struct = this.#structs.get(staged.definition) ?? this.#addStruct(staged);
    const { values } = this.#collector;
    for (let i = 0; i < staged.values.length; i++) values[i] = staged.values[i];
    const address = this.#tryRecord(struct.shape, struct.uses);
    invariant(address !== undefined, `a value does not fit its field of ${staged.className}`);
    return address;
  }

  #addStruct({ definition, className }: StagedValues): StructShape {
    const id = this.#firstShape + this.#shapes.length;
    const { keys, types } = definition;
    const shape = new Shape(id, { keys, types, nullPrototype: false, structName: className });
    const struct = { shape, uses: keys.map(() => new TextUse()) };
    this.#shapes.push(shape);
    this.#structs.set(definition, struct);
    return struct;
  }

  #placeDictionary(value: object): Address {
    return placeDictionary(this.#draft, value, this.#dictionaryUses);
  }

  #widen(node: KeyNode): void {
    const { values, isBare } = this.#collector;
    this.#shapes.push(node.widenFor(values, this.#firstShape + this.#shapes.length, isBare));
  }

  /** Places a record of `shape` with the collected values; undefined if one of them does not fit. */
  #tryRecord(shape: Shape, uses: readonly TextUse[]): Address | undefined {
    const draft = this.#draft;
    const mark = draft.pending;
    const { holder } = draft;
    const address = draft.place(KIND.RECORD | (shape.id << SHAPE_SHIFT), shape.words);
    draft.words[address + shape.words - 1] = 0;
    draft.holder = draft.ordinals - 1;
    const isWritten = this.#writeFields(shape, uses, address);
    draft.holder = holder;
    if (isWritten) return address;
    draft.forgetPending(mark);
    draft.unplace(address, shape.words);
    return undefined;
  }

  #writeFields(shape: Shape, uses: readonly TextUse[], address: Address): boolean {
    const { types, offsets } = shape;
    const { values } = this.#collector;
    for (let i = 0; i < types.length; i++) {
      const field = address + (offsets[i] as number);
      const value = values[i];
      const type = types[i];
      if (field === address) {
        if (typeof value !== "boolean") return false;
        if (value) this.#draft.words[address] = (this.#draft.words[address] as number) | FLAG.TRUE;
      } else if (type === FIELD.ANY) this.#draft.writeSlot(field, value, uses[i] as TextUse);
      else if (!this.#writeField(field, type as number, value, uses[i] as TextUse)) return false;
    }
    return true;
  }

  #writeField(field: Address, type: number, value: unknown, use: TextUse): boolean {
    const draft = this.#draft;
    switch (typeof value) {
      case "number":
        if (type === FIELD.NUMBER) draft.numbers[field >> 1] = value;
        else if (type === FIELD.INTEGER && isInteger(value)) draft.words[field] = value;
        else return false;
        return true;
      case "string":
        if (type !== FIELD.STRING && type !== FIELD.STRING_OR_NULL) return false;
        draft.writeText(field, value, use);
        return true;
      case "boolean":
        if (type !== FIELD.BOOLEAN) return false;
        draft.words[field] = value ? 1 : 0;
        return true;
      case "object":
        draft.words[field] = 0;
        if (value === null) return holdsNull(type);
        if (type !== FIELD.REFERENCE && type !== FIELD.REFERENCE_OR_NULL) return false;
        draft.pend(value, field);
        return true;
      default:
        return false;
    }
  }
}

function holdsNull(type: number): boolean {
  return type === FIELD.NULL || type === FIELD.STRING_OR_NULL || type === FIELD.REFERENCE_OR_NULL;
}

function fits(node: KeyNode, values: readonly unknown[]): boolean {
  const { shape } = node;
  if (shape === undefined) return false;
  return shape.types.every((type, index) => holdsValue(type, values[index]));
}

/** Where the object is now, which its view may not know: an object of another region has one address as a key. */
function findNow({ region: { words }, address }: Location): Address {
  let at = address;
  while (((words[at + OBJECT.HEAD] as number) & KIND_MASK) === KIND.FORWARD) {
    at = words[at + FORWARD.TARGET] as Address;
  }
  return at;
}
