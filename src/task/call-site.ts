/** Where in the program a task was started, for the trace of what it throws. */
import { runtimeName } from "../runtime/host.ts";

/** A stack that is made into text only if somebody reads it, as far as the engine can. */
export interface CallSite {
  readonly stack?: unknown;
}

/** Remembers the stack here, from whoever called `caller` on. */
export function callSite(caller: (...args: never[]) => unknown): CallSite {
  const site = {};
  if (!("captureStackTrace" in Error)) return site;
  // In JavaScriptCore a function that returns what another one returns is not on the stack, so it cannot be found.
  Error.captureStackTrace(site, runtimeName() === "bun" ? undefined : caller);
  return site;
}

/** Its lines, one for each frame. What the program's own `Error.prepareStackTrace` makes may be anything, and is none. */
export function framesAt(site: CallSite): string {
  const { stack } = site;
  const lines = typeof stack === "string" ? stack.split("\n") : [];
  const frames = lines.filter((line) => line.trimStart().startsWith("at "));
  const first = frames.findIndex((line) => !line.includes(OWN_FOLDER));
  return frames.slice(first === -1 ? 0 : first).join("\n");
}

const OWN_FOLDER = new URL("..", import.meta.url).pathname;
