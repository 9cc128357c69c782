/** The command from its arguments to its exit code. */
import { QuipeError } from "../errors.ts";
import { CommandError, usageExitCode } from "./command-error.ts";
import { parseCommandLine } from "./command-line.ts";
import { describeError } from "./failure-report.ts";
import { runImageCommand } from "./image-commands.ts";
import { runMapCommand } from "./map-command.ts";

/** Runs the command with the arguments that follow its name. Never rejects. */
export async function run(words: readonly string[]): Promise<number> {
  try {
    const parsed = parseCommandLine(words);
    if (parsed.kind === "done") return parsed.exitCode;
    if (parsed.kind === "image") return await runImageCommand(parsed.request);
    return await runMapCommand(parsed.request);
  } catch (error) {
    process.stderr.write(`quipe: ${inOneLine(error)}\n`);
    return usageExitCode;
  }
}

function inOneLine(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof QuipeError && error.code === "module-not-loaded") return error.message;
  return describeError(error);
}
