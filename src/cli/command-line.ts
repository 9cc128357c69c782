/** The arguments of the command, checked: what is typed becomes a request, or one clear line. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CommandError } from "./command-error.ts";
import { addImageCommands, type ImageRequest } from "./image-commands.ts";
import { formatOfFile, inputFormats, type InputFormat } from "./record-input.ts";
import { parseSharedFile, type SharedFile } from "./shared-data.ts";

/** What a failed record means for the run. */
export type OnError = "stop" | "skip" | "keep";

/** Everything that `quipe map` was asked for. */
export interface MapRequest {
  /** `<module>[#export]` as typed. */
  readonly module: string;
  readonly inputPath: string | undefined;
  readonly format: InputFormat;
  readonly outputPath: string | undefined;
  readonly shared: readonly SharedFile[];
  readonly tasks: number | undefined;
  readonly ordered: boolean;
  readonly onError: OnError;
  readonly timeoutMs: number | undefined;
  readonly progress: boolean;
}

/** What the arguments ask for: a run, or nothing more than the text that has been printed. */
export type ParsedCommandLine =
  | { readonly kind: "map"; readonly request: MapRequest }
  | { readonly kind: "image"; readonly request: ImageRequest }
  | { readonly kind: "done"; readonly exitCode: number };

interface MapFlags {
  readonly in?: string;
  readonly format?: InputFormat;
  readonly out?: string;
  readonly share: readonly SharedFile[];
  readonly tasks?: number;
  readonly unordered?: boolean;
  readonly onError: OnError;
  readonly timeout?: number;
  readonly progress: boolean;
}

const mostTasks = 512;

/** Reads the arguments that follow the name of the program. Throws a `CommandError` for wrong ones. */
export function parseCommandLine(words: readonly string[]): ParsedCommandLine {
  let parsed: ParsedCommandLine = { kind: "done", exitCode: 2 };
  const program = createProgram((request) => (parsed = { kind: "map", request }));
  addImageCommands(program, (request) => (parsed = { kind: "image", request }));
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "done", exitCode: 0 };
    if (error.code === "commander.help") return { kind: "done", exitCode: 2 };
    throw new CommandError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  return parsed;
}

function createProgram(found: (request: MapRequest) => void): Command {
  const program = new Command("quipe")
    .description("JavaScript threads done right.")
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  program
    .command("map")
    .description(
      "Call a function for each record of a file on several tasks; write its results as JSON lines.",
    )
    .argument(
      "<module[#export]>",
      "the module, and which of its functions; else its default or only one",
    )
    .option("--in <file>", "read records from this file instead of standard input")
    .addOption(
      new Option(
        "--format <format>",
        "what a record is; default by the file's extension, else lines",
      ).choices(inputFormats),
    )
    .option("--out <file>", "write to this file instead of standard output")
    .addOption(
      new Option(
        "--share <name=file>",
        "a JSON file or image that all tasks share, frozen, in the function's second argument; any number",
      )
        .argParser(collectShared)
        .default([], "none"),
    )
    .option(
      "--tasks <n>",
      "how many tasks; default: as many as this machine runs threads",
      parseTasks,
    )
    .option("--unordered", "write results as they come, not in the order of the input")
    .addOption(
      new Option(
        "--on-error <what>",
        "when a record fails: stop, skip it, or keep an error line in its place",
      )
        .choices(["stop", "skip", "keep"])
        .default("stop"),
    )
    .option(
      "--timeout <ms>",
      "the longest time one record may take; then its task is killed",
      parseMilliseconds,
    )
    .option("--no-progress", "show no progress")
    .action((module: string, flags: MapFlags) => found(requestOf(module, flags)));
  return program;
}

function requestOf(module: string, flags: MapFlags): MapRequest {
  const inputPath = flags.in === "-" ? undefined : flags.in;
  return {
    module,
    inputPath,
    format: flags.format ?? formatOfFile(inputPath),
    outputPath: flags.out === "-" ? undefined : flags.out,
    shared: flags.share,
    tasks: flags.tasks,
    ordered: flags.unordered !== true,
    onError: flags.onError,
    timeoutMs: flags.timeout,
    progress: flags.progress,
  };
}

function collectShared(typed: string, before: readonly SharedFile[]): readonly SharedFile[] {
  return [...before, parseSharedFile(typed)];
}

function parseTasks(typed: string): number {
  const tasks = Number(typed);
  if (/^\d+$/.test(typed) && tasks >= 1 && tasks <= mostTasks) return tasks;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${mostTasks}.`);
}

function parseMilliseconds(typed: string): number {
  const ms = Number(typed);
  if (/^\d+(\.\d+)?$/.test(typed) && ms > 0 && ms <= 0x7fff_ffff) return ms;
  throw new InvalidArgumentError("Expected a number of milliseconds above 0.");
}

/** The compiled command lies deeper than its source; both have the same package above them. */
function packageVersion(): string {
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      const text = readFileSync(new URL(up, import.meta.url), "utf8");
      const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
      if (name === "quipe") return String(version);
    } catch {
      continue;
    }
  }
  return "unknown";
}
