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
