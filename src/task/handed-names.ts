/**
 * Names that a task is given besides its arguments: `spawn(fn, args, { names: { rate } })`. They travel behind the
 * arguments, in one parcel; an inline function finds them as constants, every task in `current().names`.
 */
import { QuipeError } from "../errors.ts";
import type { Region } from "../memory/region.ts";
import { fromParcel } from "../quipe/decode.ts";
import { toMovingParcel } from "../quipe/parcels.ts";
import type { Parcel, Start } from "../sync/messages.ts";

/** Names and their values. */
export type HandedNames = Readonly<Record<string, unknown>>;

/** What a task is given. */
export interface Handed {
  readonly args: readonly unknown[];
  readonly names: HandedNames;
}

const NONE: HandedNames = Object.freeze({});

/** The own properties of the option `names`, read once. Throws `TypeError` for what has none. */
export function namesGiven(names: unknown): HandedNames {
  if (names === undefined) return NONE;
  if (typeof names !== "object" || names === null || Array.isArray(names)) {
    throw new TypeError("Expected `names` to be an object: { names: { rate } }.");
  }
  return Object.fromEntries(Object.entries(names));
}

/** Encodes what a task is given. Throws `not-sendable` with the path to what cannot be sent. */
export function packHanded({ args, names }: Handed): {
  readonly parcel: Parcel;
  readonly moves: readonly Region[];
} {
  if (names === NONE) return toMovingParcel(args);
  try {
    return toMovingParcel([...args, names]);
  } catch (error) {
    throw toldByName(error, `$[${args.length}]`);
  }
}

/** Decodes what a task is given. */
export function unpackHanded(start: Start): Handed {
  const args = fromParcel(start.arguments) as unknown[];
  const names = start.hasNames ? (args.pop() as HandedNames) : NONE;
  return { args, names: Object.freeze(names) };
}

/** Whether there are any. */
export function hasNames(names: HandedNames): boolean {
  return names !== NONE;
}

/** Paths count the names as one more argument, which is not how anybody wrote it. */
function toldByName(error: unknown, path: string): unknown {
  if (!(error instanceof QuipeError) || !error.message.startsWith(path)) return error;
  return new QuipeError(error.code, `names${error.message.slice(path.length)}`, {
    cause: error.cause,
  });
}
