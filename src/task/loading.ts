/**
 * The code of a task on its new thread: from an `Entry` to the function, by loading its module, by finding
 * what the thread has registered, or by evaluating its text.
 */
import { QuipeError } from "../errors.ts";
import { type ModuleExports, importModule } from "../runtime/modules.ts";
import type { Entry } from "../sync/messages.ts";
import { evaluateInline } from "./inline.ts";
import {
  type Place,
  isAmbiguous,
  isElsewhere,
  keysOf,
  placesNamed,
  registeredAt,
  whenRegistered,
} from "./registry.ts";

type AnyFunction = (...args: never[]) => unknown;

/** How long the file of a worker may go on registering functions after it has begun to listen. */
const REGISTER_WITHIN_MS = 1000;

/** Loads the code on this thread. Throws `module-not-loaded` with the cause if it cannot be had. */
export async function loadEntry(entry: Entry): Promise<AnyFunction> {
  switch (entry.kind) {
    case "source":
      return evaluateInline(entry, "inline", {});
    case "export":
      return exported(await importModule(entry.url), entry);
    case "registered":
      if (registeredAt(entry) === undefined) await importModule(entry.url);
      return registered(entry);
    case "guest":
      return await ownFunction(entry.name);
  }
}

/** A module of CommonJS may have all that it exports in its default. */
function exported(
  exports: ModuleExports,
  { url, name }: Extract<Entry, { kind: "export" }>,
): AnyFunction {
  const inDefault = exports["default"] as ModuleExports | null | undefined;
  const found = exports[name] ?? inDefault?.[name];
  if (typeof found === "function") return found as AnyFunction;
  throw new QuipeError(
    "module-not-loaded",
    `${url} has no export "${name}" that is a function. It has ${Object.keys(exports).join(", ") || "no exports"}.`,
  );
}

function registered(place: Place): AnyFunction {
  const found = registeredAt(place);
  if (found !== undefined && !isAmbiguous(place)) return found;
  const keys = keysOf(place.url);
  const why = isAmbiguous(place)
    ? "there are two, with a wait in between. Give them different names"
    : isElsewhere(place)
      ? 'it is known to another copy of quipe only. A bundler makes one where the plugin of quipe is missing, and tsx for CommonJS, where its package should be one of modules: "type": "module" in package.json'
      : `it is not registered when the module is evaluated. Call task() at its top level, on every thread, and not inside a function; it registers ${keys.join(", ") || "nothing"}`;
  throw new QuipeError(
    "module-not-loaded",
    `${place.url} has no task "${place.key}" to start: ${why}.`,
  );
}

/** The function of that name that the thread's own file has marked, or its only one if no name was given. */
async function ownFunction(name: string | undefined): Promise<AnyFunction> {
  if (name !== undefined && placesNamed(name).length === 0) {
    await whenRegistered(name, REGISTER_WITHIN_MS); // the file may wait for something before it goes on
  }
  const places = placesNamed(name);
  const [only] = places;
  if (only !== undefined && places.length === 1) return registered(only);
  const names = placesNamed(undefined).map(({ key }) => key);
  const what = name === undefined ? "exactly one function" : `one function "${name}"`;
  throw new QuipeError(
    "module-not-loaded",
    `The worker's file does not mark ${what} with task(import.meta.url, fn). It marks ${names.join(", ") || "nothing"}.`,
  );
}
