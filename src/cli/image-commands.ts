/** The commands about images: their arguments, and what runs them. */
import { type Command, Option } from "commander";
import { type CatRequest, runCatCommand } from "./cat-command.ts";
import { type FreezeRequest, runFreezeCommand } from "./freeze-command.ts";
import { type InfoRequest, runInfoCommand } from "./info-command.ts";
import { formatOfFile, inputFormats, type InputFormat } from "./record-input.ts";

/** What one of the commands about images was asked for. */
export type ImageRequest =
  | { readonly kind: "freeze"; readonly request: FreezeRequest }
  | { readonly kind: "info"; readonly request: InfoRequest }
  | { readonly kind: "cat"; readonly request: CatRequest };

/** Adds the commands to the program. `found` hears which one was typed. */
export function addImageCommands(program: Command, found: (request: ImageRequest) => void): void {
  addFreeze(program, found);
  program
    .command("info")
    .description("Say what an image holds.")
    .argument("<file>", "the image")
    .option("--json", "as one line of JSON")
    .action((path: string, flags: { readonly json?: boolean }) =>
      found({ kind: "info", request: { path, json: flags.json === true } }),
    );
  program
    .command("cat")
    .description("Print an image, or a part of it, as JSON.")
    .argument("<file>", "the image")
    .argument("[path]", 'which part, as a.b[3]["x y"]', "")
    .option("--compact", "everything on one line")
    .action((path: string, dataPath: string, flags: { readonly compact?: boolean }) =>
      found({ kind: "cat", request: { path, dataPath, compact: flags.compact === true } }),
    );
}

interface FreezeFlags {
  readonly out: string;
  readonly format?: InputFormat;
}

function addFreeze(program: Command, found: (request: ImageRequest) => void): void {
  program
    .command("freeze")
    .description("Make an image of a data file, which every process opens in no time.")
    .argument("<file>", "JSON, JSON lines, CSV or lines of text; - for standard input")
    .requiredOption("-o, --out <file>", "the image to write, as a rule with the extension .quipe")
    .addOption(
      new Option(
        "--format <format>",
        "what the file is; default by its extension, else lines",
      ).choices(inputFormats),
    )
    .action((typed: string, flags: FreezeFlags) => {
      const inputPath = typed === "-" ? undefined : typed;
      const format = flags.format ?? formatOfFile(inputPath);
      found({ kind: "freeze", request: { inputPath, format, outputPath: flags.out } });
    });
}

/** Does what was asked for; returns the exit code. */
export function runImageCommand(asked: ImageRequest): Promise<number> {
  switch (asked.kind) {
    case "freeze":
      return runFreezeCommand(asked.request);
    case "info":
      return runInfoCommand(asked.request);
    case "cat":
      return runCatCommand(asked.request);
  }
}
