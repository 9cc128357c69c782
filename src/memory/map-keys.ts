/**
 * Hashes of what may be a key of a Map: the same in every thread, and equal for keys that a Map takes
 * for equal, as 0 and -0.
 */
import { hashText } from "./hashing.ts";
import { type Address, FOREIGN, KIND, KIND_MASK, OBJECT } from "./layout.ts";

/** Whether `key` is hashed by the object that it is. */
export function isReferenceKey(key: unknown): key is object {
  return typeof key === "object" && key !== null;
}

/** The hash of a key that is no object. */
export function hashPrimitive(key: unknown): number {
  switch (typeof key) {
    case "string":
      return hashText(key);
    case "number":
      return hashNumber(key);
    case "bigint":
      return hashText(key.toString(36)) ^ 0x5bd1e995;
    default:
      return hashText(String(key)) ^ 0x1b873593;
  }
}

/** The hash of an object as a key of a Map in its own region. */
export function hashOrdinal(ordinal: number): number {
  return mix(ordinal ^ 0x2545f491);
}

/** The hash of an object as a key of a Map in another region. */
export function hashForeign(region: number, address: Address): number {
  return mix(address ^ Math.imul(region, 0x9e3779b1));
}

/** The hash of the object at `address` of these words, which may stand for one of another region. */
export function hashReference(words: Int32Array, address: Address): number {
  const isForeign = ((words[address + OBJECT.HEAD] as number) & KIND_MASK) === KIND.FOREIGN;
  if (!isForeign) return hashOrdinal(words[address + OBJECT.ORDINAL] as number);
  return hashForeign(
    words[address + FOREIGN.REGION] as number,
    words[address + FOREIGN.ADDRESS] as Address,
  );
}

let numberWord: Float64Array | undefined;
let halves: Int32Array = new Int32Array(0);

function hashNumber(value: number): number {
  if ((value | 0) === value) return mix(value | 0);
  if (numberWord === undefined) {
    numberWord = new Float64Array(1);
    halves = new Int32Array(numberWord.buffer);
  }
  numberWord[0] = value;
  return mix((halves[0] as number) ^ Math.imul(halves[1] as number, 0x9e3779b1));
}

function mix(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return Math.imul(once ^ (once >>> 13), 0xc2b2ae35) ^ (once >>> 16);
}
