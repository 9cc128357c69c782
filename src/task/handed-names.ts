/**
 * What a task is given besides its arguments: names, as in `spawn(fn, args, { names: { rate } })`, and the context in
 * which it was spawned (context.ts). They travel behind the arguments, in one parcel. An inline function finds the
 * names as constants, every task in `current().names`.
 */
import { QuipeError } from "../errors.ts";
import type { Traveller } from "../memory/travellers.ts";
import { fromParcel } from "../quipe/decode.ts";
import { toMovingParcel } from "../quipe/parcels.ts";
import { type Contexts, NO_CONTEXTS } from "./context.ts";
import type { Parcel, Start } from "../sync/messages.ts";

/** Names and their values. */
export type HandedNames = Readonly<Record<string, unknown>>;

/** What a task is given. */
export interface Handed {
  readonly args: readonly unknown[];
  readonly names: HandedNames;
  readonly contexts: Contexts;
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
export function packHanded(handed: Handed): {
  readonly parcel: Parcel;
  readonly moves: readonly Traveller[];
} {
  const { args, names, contexts } = handed;
  if (names === NONE && contexts === NO_CONTEXTS) return toMovingParcel(args);
  const { hasNames, hasContexts } = extrasOf(handed);
  try {
    return toMovingParcel([
      ...args,
      ...(hasNames ? [names] : []),
      ...(hasContexts ? [contexts] : []),
    ]);
  } catch (error) {
    const place = args.length + (hasNames ? 1 : 0);
    const told = hasContexts ? toldByName(error, `$[${place}]`, "context") : error;
    throw hasNames ? toldByName(told, `$[${args.length}]`, "names") : told;
  }
}

/** Decodes what a task is given. */
export function unpackHanded(start: Start): Handed {
  const args = fromParcel(start.arguments) as unknown[];
  const contexts = start.hasContexts ? (args.pop() as Contexts) : NO_CONTEXTS;
  const names = start.hasNames ? (args.pop() as HandedNames) : NONE;
  return { args, names: Object.freeze(names), contexts };
}

/** What lies behind the arguments. */
export function extrasOf({ names, contexts }: Handed): Pick<Start, "hasNames" | "hasContexts"> {
  return { hasNames: names !== NONE, hasContexts: contexts !== NO_CONTEXTS };
}

/** Paths count the names and the context as more arguments, which is not how anybody wrote it. */
export function toldByName(error: unknown, path: string, name: string): unknown {
  if (!(error instanceof QuipeError) || !error.message.startsWith(path)) return error;
  return new QuipeError(error.code, `${name}${error.message.slice(path.length)}`, {
    cause: error.cause,
  });
}
