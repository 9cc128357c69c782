/**
 * Where the records come from: a file or standard input, in one of four formats.
 *
 *   lines    each line is a record                         the function gets its text
 *   ndjson   each line that is not blank is JSON           the function gets the value
 *   json     each element of an array, or each value       the function gets the value
 *   csv      each row after the first                      the function gets an object
 */
import { createReadStream, fstatSync, openSync } from "node:fs";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { CommandError, describeSystemError } from "./command-error.ts";
import { readCsv } from "./csv-records.ts";
import { readJsonElements } from "./json-elements.ts";
import { readLines } from "./lines.ts";
import type { RecordForm } from "./record-task.ts";
import type { SourceRecord } from "./source-record.ts";

/** The formats, in the words of `--format`. */
export const inputFormats = ["lines", "ndjson", "csv", "json"] as const;

/** How records are written down. */
export type InputFormat = (typeof inputFormats)[number];

/** The format that a file's name suggests. */
export function formatOfFile(path: string | undefined): InputFormat {
  switch (extname(path ?? "").toLowerCase()) {
    case ".ndjson":
    case ".jsonl":
      return "ndjson";
    case ".csv":
      return "csv";
    case ".json":
      return "json";
    default:
      return "lines";
  }
}

/** What the tasks get of a record in this format. */
export function formOfFormat(format: InputFormat): RecordForm {
  switch (format) {
    case "lines":
      return "text";
    case "ndjson":
    case "json":
      return "json";
    case "csv":
      return "value";
  }
}

/** An open input. */
export class RecordInput {
  /** What errors call it. */
  readonly name: string;
  /** How many bytes it has, where that can be known. */
  readonly totalBytes: number | undefined;
  /** The file's identity, to notice an output that is the same file. */
  readonly identity: string | undefined;
  readonly #stream: Readable;
  readonly #format: InputFormat;
  #stopped = false;

  /** Opens a file, or standard input without a path. Throws a `CommandError` if there is no such file. */
  constructor(path: string | undefined, format: InputFormat) {
    this.name = path ?? "standard input";
    this.#format = format;
    const { stream, descriptor } = openStream(path);
    this.#stream = stream;
    const status = fstatSync(descriptor);
    this.totalBytes = status.isFile() ? status.size : undefined;
    this.identity = status.isFile() ? `${status.dev}:${status.ino}` : undefined;
  }

  /** Reads the records. Only once. */
  records(): AsyncGenerator<readonly SourceRecord[], void, undefined> {
    const chunks = this.#chunks();
    switch (this.#format) {
      case "lines":
        return readLines(chunks, { skipBlank: false });
      case "ndjson":
        return readLines(chunks, { skipBlank: true });
      case "csv":
        return readCsv(chunks, this.name);
      case "json":
        return readJsonElements(chunks, this.name);
    }
  }

  /** Stops reading, also if the input is just being waited for. */
  stop(): void {
    this.#stopped = true;
    this.#stream.destroy();
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of this.#stream as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      if (this.#stopped) return;
      throw new CommandError(`cannot read ${this.name}: ${describeSystemError(error)}.`);
    }
  }
}

function openStream(path: string | undefined): {
  readonly stream: Readable;
  readonly descriptor: number;
} {
  if (path === undefined) return { stream: process.stdin, descriptor: 0 };
  try {
    const descriptor = openSync(path, "r");
    if (fstatSync(descriptor).isDirectory()) throw new CommandError(`it is a directory`);
    return { stream: createReadStream(path, { fd: descriptor }), descriptor };
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${describeSystemError(error)}.`);
  }
}
