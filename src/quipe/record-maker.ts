/**
 * Lists of keys that come again and again: what the receiver remembers of them, and how it makes records.
 *
 *   [ mark ] [ bytes: 3 · id · x · name ] ── mark ──▶ slot: the same words? ──▶ RecordMaker { id, x, name }
 *
 * The first records of a kind are made key by key. For a kind that goes on coming a function is generated as
 * source text, because only then do engines make a record in one go; programs that forbid `eval` stay with
 * the first way, which gives equal records.
 */
import type { Reader } from "./reader.ts";

/** What a maker asks of the decoder: the next value, and to number a record before its values are read. */
export interface ValueSource {
  begin(record: object): void;
  value(): unknown;
}

type Make = (source: ValueSource) => object;

/** Records of one kind that are made key by key before a function is generated. */
const FIRST_RECORDS = 12;
const SLOTS = 512;

let mayGenerate = true;

/** Makes records with one list of keys. */
export class RecordMaker {
  readonly keys: readonly string[];
  readonly mark: number;
  /** What stands in a message for these keys. */
  readonly words: Int32Array;
  #made = 0;
  #make: Make | undefined;

  constructor({ keys, mark, words }: Pick<RecordMaker, "keys" | "mark" | "words">) {
    this.keys = keys;
    this.mark = mark;
    this.words = words;
  }

  /** Reads the values and makes the record. */
  make(source: ValueSource): object {
    return this.#make === undefined ? this.#makeFirst(source) : this.#make(source);
  }

  #makeFirst(source: ValueSource): object {
    if (++this.#made === FIRST_RECORDS) this.#make = generate(this.keys);
    const record = {};
    source.begin(record);
    fill(record, this.keys, source);
    return record;
  }
}

/** The makers that a decoder knows, by the marks of their key lists. A newer one takes an older one's slot. */
export class RecordMakers {
  readonly #slots: (RecordMaker | undefined)[] = Array.from({ length: SLOTS });

  /** Reads a list of keys with this mark: the maker that knows it, or the keys themselves if they are not worth remembering. */
  read(reader: Reader, mark: number): RecordMaker | readonly string[] {
    if (mark === 0) return reader.keys();
    const slot = (mark >> 1) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && known.mark === mark && reader.skipWords(known.words)) return known;
    const start = reader.position;
    const maker = new RecordMaker({ keys: reader.keys(), mark, words: reader.wordsFrom(start) });
    this.#slots[slot] = maker;
    return maker;
  }
}

/** Gives `holder` the properties `keys`, with the values that come next. */
export function fill(holder: object, keys: readonly string[], source: ValueSource): void {
  const record = holder as Record<string, unknown>;
  for (const key of keys) {
    const value = source.value();
    if (key === "__proto__") define(record, key, value);
    else record[key] = value;
  }
}

/** Gives `record` a property, whatever its prototype has under that key. */
export function define(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function generate(keys: readonly string[]): Make | undefined {
  if (!mayGenerate || keys.includes("__proto__")) return undefined;
  const names = keys.map((key) => JSON.stringify(key));
  const text = `
    const record = { ${names.map((name) => `${name}: undefined`).join(", ")} };
    source.begin(record);
    ${names.map((name) => `record[${name}] = source.value();`).join("\n    ")}
    return record;`;
  try {
    // eslint-disable-next-line no-new-func, typescript/no-implied-eval -- quoted keys, and nothing else
    return new Function("source", text) as Make;
  } catch {
    mayGenerate = false; // a Content-Security-Policy without 'unsafe-eval'
    return undefined;
  }
}
