/** Stacks of errors on their way to another thread, and after it, as one readable text. */
import { isBareFrame } from "../runtime/frames.ts";
import { ownFolders } from "../runtime/own-files.ts";

/** What the head of a stack says. */
export interface StackHead {
  /** The name of the error's own class. */
  readonly className: string;
  readonly name: string;
  readonly message: string;
}

/**
 * The stack of an error in this thread as text, as far as it is the program's. Where there is none it is what the
 * error says, since what `Error.prepareStackTrace` makes may be anything. An engine begins it with the name of the
 * built-in class, or with its first frame; that of the program's own tells more.
 */
export function stackText(stack: unknown, { className, name, message }: StackHead): string {
  if (typeof stack !== "string" || stack === "")
    return message === "" ? name : `${name}: ${message}`;
  const first = stack.split("\n", 1)[0] ?? "";
  const head = [name, "Error"].find((text) => first === text || first.startsWith(`${text}: `));
  if (head === undefined && isBareFrame(first))
    return withoutOwnFrames(`${message === "" ? className : `${className}: ${message}`}\n${stack}`);
  const says = head === undefined || first.includes(className);
  return withoutOwnFrames(says ? stack : className + stack.slice(head.length));
}

/**
 * Puts below the stack of an error that of the call which started the task, or the call on a pool, called `name`: one
 * trace, each line a frame. A frozen error keeps the stack that it has.
 */
export function joinStacks(error: Error, name: string, spawnedAt: string): void {
  const line = `    at task "${name}"${spawnedAt === "" ? "" : ", spawned here"} (task:${name})`;
  const lines = [error.stack ?? String(error), line, ...(spawnedAt === "" ? [] : [spawnedAt])];
  const property = { value: lines.join("\n"), configurable: true, writable: true };
  Reflect.defineProperty(error, "stack", property);
}

/** Below the program's first function come the frames that called it, which are quipe's and say nothing. */
function withoutOwnFrames(stack: string): string {
  const lines = stack.split("\n");
  const own = (folders ??= ownFolders());
  const isOwn = (line: string): boolean =>
    line === "" || own.some((folder) => line.includes(folder));
  const last = lines.findLastIndex((line) => !isOwn(line));
  return lines.slice(0, last + 1).join("\n");
}

/** Made when first asked for. */
let folders: readonly string[] | undefined;
