/**
 * Writes what is neither record, list nor dictionary: bigints, dates, regular expressions, errors,
 * instances of registered classes, bytes.
 */
import { byteClassOf, type ByteSource } from "./byte-classes.ts";
import { classNameOf, errorClassNameOf } from "./classes.ts";
import type { Draft } from "./draft.ts";
import { type Address, BIGINT, BYTES, DATE, evenWords, INSTANCE, KIND, REGEXP } from "./layout.ts";
import { Refusal, reasonAgainst } from "./refusals.ts";
import { TextUse } from "./text-writer.ts";

/** Properties of errors that are not enumerable where they are their own. */
export const HIDDEN_ERROR_KEYS: readonly string[] = ["stack", "message", "cause", "errors"];

/** Places a bigint. */
export function placeBigint(draft: Draft, value: bigint): Address {
  const digits = (value < 0n ? -value : value).toString(16);
  const count = Math.ceil(digits.length / 8);
  const address = draft.place(KIND.BIGINT, evenWords(BIGINT.MAGNITUDE + count));
  const { words } = draft;
  words[address + BIGINT.MAGNITUDE + count] = 0;
  words[address + BIGINT.NEGATIVE] = value < 0n ? 1 : 0;
  words[address + BIGINT.COUNT] = count;
  for (let i = 0; i < count; i++) {
    const end = digits.length - i * 8;
    words[address + BIGINT.MAGNITUDE + i] = parseInt(digits.slice(Math.max(0, end - 8), end), 16);
  }
  return address;
}

/** Places an object that is none of the plain kinds. Throws a refusal if it cannot be shared. */
export function placeBox(draft: Draft, value: object): Address {
  if (value instanceof Date) return placeDate(draft, value);
  if (value instanceof RegExp) return placeRegExp(draft, value);
  const source = byteClassOf(value);
  if (source !== undefined) return placeBytes(draft, source);
  if (isError(value)) return placeError(draft, value);
  const name = classNameOf(value);
  if (name === undefined) throw new Refusal(value, reasonAgainst(value));
  return placeFields(draft, { kind: KIND.INSTANCE, name }, { ...value });
}

function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function placeDate(draft: Draft, date: Date): Address {
  const address = draft.place(KIND.DATE, DATE.WORDS);
  draft.writeNumber(address + DATE.TIME, date.getTime());
  return address;
}

function placeRegExp(draft: Draft, expression: RegExp): Address {
  const address = draft.place(KIND.REGEXP, REGEXP.WORDS);
  const use = new TextUse();
  draft.writeText(address + REGEXP.SOURCE, expression.source, use);
  draft.writeText(address + REGEXP.FLAGS, expression.flags, use);
  return address;
}

/** Whether an error has such a field of its own. In SpiderMonkey a stack is read by an accessor that all errors share. */
export function hasErrorField(error: Error, key: string): boolean {
  return Object.hasOwn(error, key) || (key === "stack" && typeof error.stack === "string");
}

function placeError(draft: Draft, error: Error): Address {
  const name = errorClassNameOf(error);
  if (name === undefined) throw new Refusal(error, reasonAgainst(error));
  const hidden: Record<string, unknown> = {};
  for (const key of HIDDEN_ERROR_KEYS) {
    if (hasErrorField(error, key)) hidden[key] = (error as unknown as Record<string, unknown>)[key];
  }
  return placeFields(
    draft,
    { kind: KIND.ERROR, name },
    {
      ...hidden,
      ...(error as object),
    },
  );
}

interface Named {
  readonly kind: number;
  readonly name: string;
}

function placeFields(draft: Draft, { kind, name }: Named, fields: object): Address {
  const address = draft.place(kind, INSTANCE.WORDS);
  draft.holder = draft.ordinals - 1;
  draft.writeText(address + INSTANCE.CLASS, name, new TextUse());
  draft.words[address + INSTANCE.FIELDS] = 0;
  draft.pend(fields, address + INSTANCE.FIELDS);
  return address;
}

function placeBytes(draft: Draft, source: ByteSource): Address {
  const { bytes } = source;
  const size = evenWords(BYTES.DATA + Math.ceil(bytes.length / 4));
  const address = draft.place(KIND.BYTES, size);
  draft.words.fill(0, address + size - 2, address + size);
  draft.words[address + BYTES.CLASS] = source.classNumber;
  draft.words[address + BYTES.COUNT] = bytes.length;
  const { buffer, byteOffset } = draft.words;
  new Uint8Array(buffer, byteOffset + (address + BYTES.DATA) * 4, bytes.length).set(bytes);
  return address;
}
