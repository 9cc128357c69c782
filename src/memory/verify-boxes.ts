/**
 * Checks bigints, dates, regular expressions, errors, instances of classes and bytes.
 */
import { fault } from "./image-fault.ts";
import { ARRAY_BUFFER, DATA_VIEW, typedArrayClasses } from "./byte-classes.ts";
import {
  type Address,
  BIGINT,
  BYTES,
  DATE,
  evenWords,
  INSTANCE,
  KIND,
  KIND_MASK,
  REGEXP,
} from "./layout.ts";
import type { ReferenceCheck } from "./verify-references.ts";
import type { TextCheck } from "./verify-text.ts";

/** V8 has no longer bigints: 2 to the power of 30 bits. */
const LONGEST_BIGINT = 2 ** 25;

/** What the checks of boxes need to know of the region. */
export interface BoxContext {
  readonly words: Int32Array;
  /** Where objects end. */
  readonly end: Address;
  readonly text: TextCheck;
  readonly references: ReferenceCheck;
  /** Regular expressions already compiled, by source and flags. */
  readonly expressions: Set<string>;
}

/** Checks the box of `kind` at `address`; how many words it takes. */
export function checkBox(context: BoxContext, kind: number, address: Address): number {
  switch (kind) {
    case KIND.BIGINT:
      return checkBigint(context, address);
    case KIND.DATE:
      return DATE.WORDS;
    case KIND.REGEXP:
      checkExpression(context, address);
      return REGEXP.WORDS;
    case KIND.ERROR:
    case KIND.INSTANCE:
      checkFields(context, address);
      return INSTANCE.WORDS;
    case KIND.BYTES:
      return checkBytes(context, address);
    default:
      return fault("an object has an unknown kind");
  }
}

function checkBigint({ words, end }: BoxContext, address: Address): number {
  const count = words[address + BIGINT.COUNT] as number;
  if (count < 1 || count > LONGEST_BIGINT) fault("a bigint has an impossible length");
  if (address + BIGINT.MAGNITUDE + count > end) fault("a bigint is cut off");
  const sign = words[address + BIGINT.NEGATIVE];
  if (sign !== 0 && sign !== 1) fault("a bigint has an unknown sign");
  return evenWords(BIGINT.MAGNITUDE + count);
}

function checkExpression({ words, text, expressions }: BoxContext, address: Address): void {
  const source = words[address + REGEXP.SOURCE] as number;
  const flags = words[address + REGEXP.FLAGS] as number;
  const name = `${source} ${flags}`;
  if (expressions.has(name)) return;
  expressions.add(name);
  text.check(source);
  text.check(flags);
  const sourceText = text.read(source);
  const flagsText = text.read(flags);
  try {
    new RegExp(sourceText, flagsText);
  } catch {
    fault("a regular expression is none that this runtime knows");
  }
}

function checkFields({ words, text, references }: BoxContext, address: Address): void {
  text.check(words[address + INSTANCE.CLASS] as number);
  const fields = words[address + INSTANCE.FIELDS] as Address;
  references.check(fields);
  const kind = (words[fields] as number) & KIND_MASK;
  if (kind !== KIND.RECORD && kind !== KIND.DICTIONARY) fault("an instance has no fields");
}

function checkBytes({ words, end }: BoxContext, address: Address): number {
  const number = words[address + BYTES.CLASS] as number;
  const count = words[address + BYTES.COUNT] as number;
  const isPlain = number === ARRAY_BUFFER || number === DATA_VIEW;
  const size = isPlain ? 1 : typedArrayClasses[number]?.BYTES_PER_ELEMENT;
  if (size === undefined) return fault("bytes have an unknown class");
  if (count < 0 || count % size !== 0) fault("bytes have an impossible length");
  const dataWords = Math.ceil(count / 4);
  if (address + BYTES.DATA + dataWords > end) fault("bytes are cut off");
  return evenWords(BYTES.DATA + dataWords);
}
