/** What a runtime may lack, as the reason for which tests that need it are skipped there. */
import { runtimeName } from "../src/runtime/host.ts";
import { findParser } from "../src/runtime/parser.ts";

/** Inline functions are looked through by a parser, which is a package of its own. */
export const withoutParser: string | false =
  findParser() === undefined &&
  "there is no parser here, so what an inline function closes over shows when it is met [parser]";

/** Scopes and shields follow the flow of asynchronous code where the runtime has `AsyncLocalStorage`. */
export const withoutContext: string | false =
  runtimeName() === "browser" &&
  "a browser has no AsyncLocalStorage, so a scope or a shield holds for its function until the first await [async-context]";

/** A thread's heap can be limited. */
export const withoutLimits: string | false =
  (runtimeName() === "browser" || runtimeName() === "bun") &&
  "this runtime ignores resourceLimits [resource-limits]";

/** How deep calls may be nested. */
export const withSmallStack: string | false =
  runtimeName() === "browser" &&
  !("document" in globalThis) &&
  "a worker of a browser has too small a stack for that, where a page has not [small-stacks]";

/** The runtime has errors of its own, with codes. */
export const withoutFiles: string | false =
  runtimeName() === "browser" && "a browser has no files, and so no errors of them [files]";

/** Code that does not await meets, for the first time, memory of another task that its message has not named. */
export const withoutNewMemory: string | false =
  runtimeName() === "browser" &&
  "in a browser memory of another task comes in by the event loop, and this code is synchronous [blocking]";
