/**
 * Changes the objects of an owned region in place.
 *
 * What fits where it is goes there. What does not, moves: a list gets a block of value slots elsewhere,
 * a record becomes a dictionary and leaves a forwarding address. Every edit either happens or throws
 * and changes nothing: new data is encoded behind the top first, and linked last.
 */
import { EditDraft } from "./edit-draft.ts";
import { type Buckets, freeBucket } from "./encode-dictionary.ts";
import { Encoder } from "./encoder.ts";
import { limitFor } from "./growth.ts";
import {
  type Address,
  EDITS,
  evenWords,
  FORWARD,
  HEADER,
  KIND,
  KIND_MASK,
  NAN_HIGH,
  OBJECT,
  SLOT,
  TAG,
} from "./layout.ts";
import { Refusal, reasonAgainst, refusalError } from "./refusals.ts";
import type { Region } from "./region.ts";
import { TextUse } from "./text-writer.ts";
import { writeShape } from "./write-image.ts";

/** Edits one region. There is one for each owned region, kept while the owner edits. */
export class Editor {
  readonly region: Region;
  /** Whether new data is being encoded, which may run code of the program, a getter of a Proxy, say: that may not edit. */
  isBusy = false;
  readonly #draft: EditDraft;
  #encoder: Encoder;
  #shapes = 0;
  readonly #use = new TextUse();

  constructor(region: Region) {
    this.region = region;
    const { words } = region;
    if (words[HEADER.LIMIT] === 0) words[HEADER.LIMIT] = limitFor(words[HEADER.TOP] as number);
    this.#draft = new EditDraft(region);
    this.#encoder = new Encoder(this.#draft, region);
  }

  /** Where the object at `address` is now. */
  find(address: Address): Address {
    const { words } = this.region;
    let at = address;
    while (((words[at + OBJECT.HEAD] as number) & KIND_MASK) === KIND.FORWARD) {
      at = words[at + FORWARD.TARGET] as Address;
    }
    return at;
  }

  /** The reference of `text`, stored if it is new. */
  text(text: string): number {
    const reference = this.#draft.text.intern(text, this.#use);
    this.#draft.commit();
    return reference;
  }

  /**
   * The address of `value` in this region: a view of it is linked, plain data is copied in. Throws
   * `not-shareable` and changes nothing if that cannot be.
   */
  address(value: object | bigint): Address {
    const word = this.allocate(2);
    this.isBusy = true;
    try {
      const { shapes, references } = this.#encoder.add(value, word);
      for (const other of references) this.region.refersTo(other);
      this.#addShapes(shapes.slice(this.#shapes));
      this.#shapes = shapes.length;
    } catch (error) {
      this.#draft.rollBack();
      this.#encoder = new Encoder(this.#draft, this.region);
      this.#shapes = 0;
      throw error instanceof Refusal ? refusalError(value, error) : error;
    } finally {
      this.isBusy = false;
    }
    this.#draft.commit();
    // Rows and closed subtrees are only what the first encoding made; a new link may close a cycle.
    this.shuffle();
    return this.region.words[word] as Address;
  }

  /** Takes `count` words, zeroed. */
  allocate(count: number): Address {
    const size = evenWords(count);
    this.#draft.reserve(size);
    const address = this.#draft.top;
    this.#draft.top += size;
    this.#draft.commit();
    this.region.words.fill(0, address, address + size);
    return address;
  }

  /** Writes any value into the slot at `slot`. */
  writeSlot(slot: Address, value: unknown): void {
    switch (typeof value) {
      case "number":
        if (value !== value) return this.#writeTag(slot, NAN_HIGH, 0);
        this.region.touch(slot, SLOT.WORDS);
        this.region.numbers[slot >> 1] = value;
        return;
      case "string":
        this.#writeTag(slot, TAG.STRING, this.text(value));
        return;
      case "boolean":
        this.#writeTag(slot, value ? TAG.TRUE : TAG.FALSE, 0);
        return;
      case "undefined":
        this.#writeTag(slot, TAG.UNDEFINED, 0);
        return;
      case "object":
      case "bigint":
        if (value === null) this.#writeTag(slot, TAG.NULL, 0);
        else this.#writeTag(slot, TAG.REFERENCE, this.address(value));
        return;
      default:
        throw refusalError(value, new Refusal(value, reasonAgainst(value)));
    }
  }

  /** Makes a slot of a list a hole, or that of an entry free. */
  writeHole(slot: Address): void {
    this.#writeTag(slot, TAG.HOLE, 0);
  }

  /** Enters the number of an entry into the first free bucket for its hash. */
  enterBucket(buckets: Buckets, hash: number, index: number): void {
    const bucket = freeBucket(this.region.words, buckets, hash);
    this.region.touch(bucket, 1);
    this.region.words[bucket] = index + 1;
  }

  #writeTag(slot: Address, high: number, low: number): void {
    this.region.touch(slot, SLOT.WORDS);
    const { words } = this.region;
    words[slot + SLOT.LOW] = low;
    words[slot + SLOT.HIGH] = high;
  }

  /** Says that records may lie anywhere from now on, and subtrees may have any form. */
  shuffle(): void {
    const { words } = this.region;
    words[HEADER.EDITS] = (words[HEADER.EDITS] as number) | EDITS.SHUFFLED;
    this.region.isShuffled = true;
  }

  /** Counts words that nothing refers to any more. */
  discard(count: number): void {
    const { words } = this.region;
    words[HEADER.GARBAGE] = (words[HEADER.GARBAGE] as number) + count;
  }

  #addShapes(shapes: readonly Parameters<typeof writeShape>[1][]): void {
    for (const shape of shapes) {
      const address = writeShape(this.#draft, shape, this.#use);
      const count = this.region.words[HEADER.SHAPES] as number;
      if (count === this.region.words[HEADER.SHAPE_CAPACITY]) this.#moveShapeTable(count);
      const { words } = this.region;
      const place = (words[HEADER.SHAPE_TABLE] as number) + count;
      this.region.touch(place, 1);
      words[place] = address;
      words[HEADER.SHAPES] = count + 1;
    }
  }

  #moveShapeTable(count: number): void {
    const capacity = evenWords(Math.max(8, count * 2));
    this.#draft.reserve(capacity);
    const table = this.#draft.top;
    this.#draft.top += capacity;
    const { words } = this.region;
    const old = words[HEADER.SHAPE_TABLE] as number;
    words.copyWithin(table, old, old + count);
    words[HEADER.SHAPE_TABLE] = table;
    words[HEADER.SHAPE_CAPACITY] = capacity;
  }
}
