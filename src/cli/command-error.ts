/**
 * What ends the command early with one line on stderr: no stack, no cause, just what is wrong and where.
 *
 *   0    every record was mapped, or the reader of the output had enough
 *   1    some records failed
 *   2    the run could not be done as asked: arguments, module, input, output
 *   130  stopped by Ctrl-C (128 + 2); 143 by SIGTERM (128 + 15)
 */

/** The exit code when the run could not be done as asked. */
export const usageExitCode = 2;

/** An error whose message is all that the user needs. */
export class CommandError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "CommandError";
  }
}

/** A failed system call in words: "there is no such file". */
export function describeSystemError(error: unknown): string {
  const code = errorCode(error);
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ENOSPC":
    case "EDQUOT":
      return "no space left on the device";
    case "EFBIG":
      return "the file grew larger than the system allows";
    case "EIO":
      return "the device reported an error";
    case "EROFS":
      return "the file system is read-only";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** The `code` of a system error, if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
