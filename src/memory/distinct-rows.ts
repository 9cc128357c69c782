/**
 * Long lists of records that are certainly different objects, because one of their numbers grows from each
 * to the next, as ids and times do.
 *
 * Whether an object was met before is asked of a table that costs a third of all encoding when it holds
 * a million rows. Such rows need not be in it, as long as no record with the same keys turns up
 * elsewhere: the first one that does makes the list's rows be entered after all.
 */
import type { Address } from "./layout.ts";

/** Shorter lists gain nothing. */
const LEAST_LENGTH = 1_000;

/** A list whose rows are left out of the table of known objects. */
export interface RowList {
  readonly list: readonly unknown[];
  /** The word that holds the address of the first row; those of the others follow. */
  readonly data: Address;
  /** How many rows were placed. */
  placed: number;
}

/** Whether the elements of `list` are different objects for certain. */
export function areDistinct(list: readonly unknown[]): boolean {
  if (list.length < LEAST_LENGTH) return false;
  const [first, second] = list;
  if (!isObject(first) || !isObject(second)) return false;
  const key = Object.keys(first).find((name) => {
    const [one, other] = [first[name], second[name]];
    return typeof one === "number" && typeof other === "number" && other > one;
  });
  return key !== undefined && grows(list, key);
}

function grows(list: readonly unknown[], key: string): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    const value = isObject(element) ? element[key] : undefined;
    if (typeof value !== "number" || !(value > last)) return false;
    last = value;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
