/** Where in the program a task was started, for the trace of what it throws. */
import { isFrame } from "../runtime/frames.ts";
import { runtimeName } from "../runtime/host.ts";
import { ownFolders } from "../runtime/own-files.ts";

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
  const frames = lines.filter(isFrame);
  const first = frames.findIndex((line) => !isOwnFrame(line));
  return frames.slice(first === -1 ? 0 : first).join("\n");
}

/** Made when first asked for. */
let folders: readonly string[] | undefined;

function isOwnFrame(line: string): boolean {
  folders ??= ownFolders().slice(0, 1);
  return folders.some((folder) => line.includes(folder));
}
