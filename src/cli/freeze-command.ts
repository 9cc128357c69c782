/**
 * `quipe freeze`: a data file becomes an image that every process opens in no time.
 *
 *   in.json                 ─▶ the value
 *   in.ndjson, in.csv, text ─▶ an array of the records
 */
import { stat } from "node:fs/promises";
import { QuipeError } from "../errors.ts";
import { save } from "../memory/save.ts";
import { CommandError, describeSystemError } from "./command-error.ts";
import { readJsonFile } from "./json-file.ts";
import { count, duration } from "./progress.ts";
import { type InputFormat, RecordInput } from "./record-input.ts";
import type { SourceRecord } from "./source-record.ts";

/** What `quipe freeze` was asked for. */
export interface FreezeRequest {
  /** Undefined for standard input. */
  readonly inputPath: string | undefined;
  readonly format: InputFormat;
  readonly outputPath: string;
}

/** Does one `quipe freeze`; returns its exit code. */
export async function runFreezeCommand(request: FreezeRequest): Promise<number> {
  const startMs = performance.now();
  const { inputPath, format, outputPath } = request;
  const value = format === "json" ? await readJsonFile(inputPath) : await readRecords(request);
  try {
    await save(value, outputPath);
  } catch (error) {
    if (error instanceof QuipeError) throw new CommandError(error.message);
    throw new CommandError(`cannot write ${outputPath}: ${describeSystemError(error)}.`);
  }
  const { size } = await stat(outputPath);
  const took = duration(performance.now() - startMs);
  process.stderr.write(`${outputPath}: ${count(size)} bytes in ${took}\n`);
  return 0;
}

async function readRecords({ inputPath, format }: FreezeRequest): Promise<unknown[]> {
  const input = new RecordInput(inputPath, format);
  const values: unknown[] = [];
  try {
    for await (const records of input.records()) {
      for (const record of records) values.push(valueOf(record, input, format));
    }
  } finally {
    input.stop();
  }
  return values;
}

function valueOf(record: SourceRecord, input: RecordInput, format: InputFormat): unknown {
  const { value, error, line } = record;
  if (error !== undefined) refuse(input, line, error.message);
  return format === "ndjson" ? parseLine(value as string, input, line) : value;
}

function parseLine(text: string, input: RecordInput, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return refuse(input, line, error instanceof Error ? error.message : String(error));
  }
}

function refuse(input: RecordInput, line: number, why: string): never {
  throw new CommandError(`${input.name} line ${line}: ${why}.`);
}
