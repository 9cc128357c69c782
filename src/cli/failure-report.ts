/**
 * A record that failed, in words: its number, where it stands in the input, and the error with the stack
 * of the task, from which the frames of quipe itself are left out.
 */
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { MapOutcome } from "../pool/work-window.ts";
import type { SourceRecord } from "./source-record.ts";

/** A record of the command that failed. */
export type FailedRecord = Extract<MapOutcome<SourceRecord>, { ok: false }>;

/** The error as the object that `--on-error keep` writes. */
export interface KeptError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** As stacks name it: V8 shows modules by their URLs, JavaScriptCore by their paths. */
const ownDirectories = [
  new URL("../", import.meta.url).href,
  fileURLToPath(new URL("../", import.meta.url)),
];
const mostCauses = 8;

/** The lines that tell of a failed record on standard error. */
export function describeFailure({ number, item, error }: FailedRecord): string {
  const line = item.line === number ? "" : ` (line ${item.line})`;
  return `record ${number}${line}: ${describeError(error)}`;
}

/** The line that `--on-error keep` writes in the place of a result. */
export function keptLine({ number, error }: FailedRecord): string {
  return JSON.stringify({ error: keptError(error), record: number });
}

/** An error with its stack and its causes. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  while (current !== undefined && parts.length < mostCauses) {
    parts.push(current instanceof Error ? withOwnFramesOnly(current) : inspect(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join("\n  caused by ");
}

function withOwnFramesOnly(error: Error): string {
  const title = error.message === "" ? error.name : `${error.name}: ${error.message}`;
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && isFrameOfUser(line));
  return [title, ...frames].join("\n");
}

function isFrameOfUser(line: string): boolean {
  if (ownDirectories.some((directory) => line.includes(directory))) return false;
  return !/\(?node:internal|at task "map", spawned here/.test(line);
}

function keptError(error: unknown): KeptError {
  if (!(error instanceof Error)) return { name: "thrown", message: inspect(error) };
  const { name, message } = error;
  return "code" in error && typeof error.code === "string"
    ? { name, message, code: error.code }
    : { name, message };
}
