/**
 * Asserts the accounting identities of a region. Tests call it after each step.
 *
 *   header ≤ objects < shapes ≤ text ≤ top ≤ buffer
 *   every reference reachable from the root leads to an object inside the heap, of a known kind,
 *   with an ordinal of its own; every text reference lies inside the text; ROWS lists really are rows
 */
import { invariant } from "../errors.ts";
import { entriesOf } from "./dictionaries.ts";
import {
  type Address,
  DICTIONARY,
  ENTRY,
  FIELD,
  FLAG,
  FORWARD,
  HEADER,
  HEAP_START,
  INSTANCE,
  KIND,
  KIND_MASK,
  LIST,
  MAGIC,
  MAP_ENTRY,
  OBJECT,
  SHAPE_SHIFT,
  SLOT,
  TAG,
  TEXT,
  VERSION,
} from "./layout.ts";
import type { Region } from "./region.ts";

/** Flags that a row may have or not. */
const OWN_FLAGS: number = FLAG.EAGER | FLAG.SHARED | FLAG.TRUE;

/** Throws `QuipeBug` if anything in `region` contradicts the layout. */
export function checkRegion(region: Region): void {
  const { words } = region;
  invariant(words[HEADER.MAGIC] === MAGIC, "a region has another magic number");
  invariant(words[HEADER.VERSION] === VERSION, "a region has another version");
  const top = word(region, HEADER.TOP);
  const text = word(region, HEADER.TEXT);
  invariant(
    HEAP_START <= text && text <= top && top <= words.length,
    "the parts of a region overlap",
  );
  invariant(top % 2 === 0, "the top of a region is odd");
  new Walk(region).run();
}

function word(region: Region, address: Address): number {
  invariant(
    address >= 0 && address < region.words.length,
    `word ${address} lies outside the region`,
  );
  return region.words[address] as number;
}

/** Visits every object that the root leads to, once. */
class Walk {
  readonly #region: Region;
  readonly #pending: Address[] = [];
  readonly #addressByOrdinal = new Map<number, Address>();
  readonly #seen = new Set<Address>();

  constructor(region: Region) {
    this.#region = region;
  }

  run(): void {
    this.#slot(HEADER.ROOT);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#object(next);
    }
  }

  #reference(address: Address): void {
    const top = word(this.#region, HEADER.TOP);
    invariant(
      address >= HEAP_START && address < top,
      `a reference leads out of the heap: ${address}`,
    );
    invariant(address % 2 === 0, `a reference leads to an odd address: ${address}`);
    if (this.#seen.has(address)) return;
    this.#seen.add(address);
    this.#pending.push(address);
  }

  #text(reference: number): void {
    const base = word(this.#region, HEADER.TEXT);
    const top = word(this.#region, HEADER.TEXT_TOP);
    invariant(reference > 0 && reference < top, `text ${reference} lies outside the text`);
    const head = word(this.#region, base + reference);
    const length = head & TEXT.LENGTH_MASK;
    const bytes = (head & TEXT.WIDE) === 0 ? length : length * 2;
    invariant(
      reference + TEXT.HEAD_WORDS + Math.ceil(bytes / 4) <= top,
      `text ${reference} is cut off`,
    );
  }

  #slot(slot: Address): void {
    invariant(slot % 2 === 0, `a value slot is odd: ${slot}`);
    const high = word(this.#region, slot + SLOT.HIGH);
    const low = word(this.#region, slot + SLOT.LOW);
    if (high === TAG.REFERENCE) this.#reference(low);
    else if (high === TAG.STRING) this.#text(low);
    else invariant(high < TAG.FIRST || high >= 0 || high <= TAG.REFERENCE, `unknown tag ${high}`);
  }

  #object(address: Address): void {
    const region = this.#region;
    const head = word(region, address + OBJECT.HEAD);
    const kind = head & KIND_MASK;
    if (kind === KIND.FORWARD) {
      this.#reference(word(region, address + FORWARD.TARGET));
      return;
    }
    this.#ordinal(address);
    if (kind === KIND.RECORD) this.#record(address, head >>> SHAPE_SHIFT);
    else if (kind === KIND.DICTIONARY) this.#dictionary(address);
    else if (kind >= KIND.LIST_INTEGERS && kind <= KIND.LIST_VALUES) this.#list(address, head);
    else if (kind === KIND.MAP || kind === KIND.SET) this.#map(address);
    else if (kind === KIND.ERROR || kind === KIND.INSTANCE) {
      this.#text(word(region, address + INSTANCE.CLASS));
      this.#reference(word(region, address + INSTANCE.FIELDS));
    } else
      invariant(kind > KIND.FORWARD && kind <= KIND.INSTANCE, `unknown kind ${kind} at ${address}`);
  }

  #ordinal(address: Address): void {
    const ordinal = word(this.#region, address + OBJECT.ORDINAL);
    const count = word(this.#region, HEADER.ORDINALS);
    invariant(ordinal >= 0 && ordinal < count, `ordinal ${ordinal} of ${count} at ${address}`);
    const other = this.#addressByOrdinal.get(ordinal);
    invariant(other === undefined, `objects ${other} and ${address} share ordinal ${ordinal}`);
    this.#addressByOrdinal.set(ordinal, address);
  }

  #record(address: Address, shapeNumber: number): void {
    const shape = this.#region.shape(shapeNumber);
    shape.types.forEach((type, index) => {
      const field = address + (shape.offsets[index] as number);
      const value = word(this.#region, field);
      if (type === FIELD.ANY) this.#slot(field);
      else if (type === FIELD.STRING) this.#text(value);
      else if (type === FIELD.REFERENCE) this.#reference(value);
      else if (type === FIELD.STRING_OR_NULL && value !== 0) this.#text(value);
      else if (type === FIELD.REFERENCE_OR_NULL && value !== 0) this.#reference(value);
    });
  }

  #dictionary(address: Address): void {
    const region = this.#region;
    let live = 0;
    for (const entry of entriesOf(region, address)) {
      live++;
      this.#text(word(region, entry + ENTRY.KEY));
      this.#slot(entry + ENTRY.VALUE);
    }
    invariant(
      live === word(region, address + DICTIONARY.LIVE),
      `dictionary ${address} counts wrongly`,
    );
    const used = word(region, address + DICTIONARY.USED);
    invariant(
      used <= word(region, address + DICTIONARY.CAPACITY),
      `dictionary ${address} is overfull`,
    );
    this.#buckets(address, used);
  }

  #map(address: Address): void {
    const region = this.#region;
    const first = word(region, address + DICTIONARY.ENTRIES);
    const used = word(region, address + DICTIONARY.USED);
    let live = 0;
    for (let i = 0; i < used; i++) {
      const entry = first + i * MAP_ENTRY.WORDS;
      if (word(region, entry + MAP_ENTRY.KEY + SLOT.HIGH) === TAG.HOLE) continue;
      live++;
      this.#slot(entry + MAP_ENTRY.KEY);
      this.#slot(entry + MAP_ENTRY.VALUE);
    }
    invariant(live === word(region, address + DICTIONARY.LIVE), `map ${address} counts wrongly`);
    this.#buckets(address, used);
  }

  #buckets(address: Address, used: number): void {
    const first = word(this.#region, address + DICTIONARY.BUCKETS);
    const mask = word(this.#region, address + DICTIONARY.BUCKET_MASK);
    invariant(
      ((mask + 1) & mask) === 0,
      `dictionary ${address} has no power of two as bucket count`,
    );
    const entered = new Set<number>();
    for (let i = 0; i <= mask; i++) {
      const number = word(this.#region, first + i);
      invariant(
        number >= 0 && number <= used,
        `bucket ${i} of dictionary ${address} leads nowhere`,
      );
      if (number !== 0) entered.add(number);
    }
    invariant(
      entered.size === used,
      `dictionary ${address} has ${entered.size} of ${used} entries in buckets`,
    );
    invariant(used < mask + 1, `dictionary ${address} has no empty bucket`);
  }

  #list(address: Address, head: number): void {
    const length = word(this.#region, address + LIST.LENGTH);
    const data = word(this.#region, address + LIST.DATA);
    const kind = head & KIND_MASK;
    const wide = kind === KIND.LIST_VALUES || kind === KIND.LIST_NUMBERS;
    invariant(
      data + length * (wide ? 2 : 1) <= this.#region.words.length,
      `list ${address} is cut off`,
    );
    for (let i = 0; i < length; i++) {
      if (kind === KIND.LIST_VALUES) this.#slot(data + i * 2);
      else if (kind === KIND.LIST_STRINGS) this.#text(word(this.#region, data + i));
      else if (kind === KIND.LIST_REFERENCES) this.#reference(word(this.#region, data + i));
    }
    if ((head & FLAG.ROWS) !== 0 && !this.#region.isShuffled) this.#rows(data, length);
  }

  #rows(data: Address, length: number): void {
    const first = word(this.#region, data);
    const rowHead = word(this.#region, first) & ~OWN_FLAGS;
    const { words } = this.#region.shape(rowHead >>> SHAPE_SHIFT);
    for (let i = 0; i < length; i++) {
      const row = word(this.#region, data + i);
      invariant(row === first + i * words, `row ${i} is not in its place`);
      const head = word(this.#region, row) & ~OWN_FLAGS;
      invariant(head === rowHead, `row ${i} has another shape`);
    }
  }
}
