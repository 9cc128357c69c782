/**
 * What a task is given besides its arguments: names, as in `spawn(fn, args, { names: { rate } })`, and the context in
 * which it was spawned (context.ts). They travel behind the arguments, in one parcel. An inline function finds the
 * names as constants, every task in `current().names`. They are locked: to assign to one is `name-locked`, and an inline
 * function that would is not even started.
 */
import { QuipeError } from "../errors.ts";
import type { Traveller } from "../memory/travellers.ts";
import { type Namespace, isNames } from "../namespace/namespace.ts";
import { snapshot } from "../namespace/snapshot.ts";
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

/** The own properties of the option `names`, read once, of a namespace at one moment. Throws `TypeError` for what has none. */
export function namesGiven(names: unknown): HandedNames {
  if (names === undefined) return NONE;
  if (isNames(names)) return { ...snapshot(names as Namespace<object>) };
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
  return { args, names: names === NONE ? NONE : lockedNames(names), contexts };
}

/** Names as the task has them: constants. Assigning to one is told in the words of namespaces. */
function lockedNames(names: HandedNames): HandedNames {
  const locked: HandedNames = {};
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(locked, name, {
      get: () => value,
      set: () => {
        throw assigned(`current().names.${name} was assigned to`, name);
      },
      enumerable: true,
    });
  }
  return Object.freeze(locked);
}

/** The error for who assigns to a name that was handed over. */
export function assigned(what: string, name: string): QuipeError {
  return new QuipeError(
    "name-locked",
    `${what}. The names that are handed to a task are locked for it: copy "${name}" into a variable of the task to change that, or pass a namespace as an argument.`,
  );
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
