/**
 * One record as the command reads it, before any task has seen it.
 *
 * Text stays text: lines of NDJSON and elements of a JSON array are only cut out here and parsed by the
 * task that gets them, so parsing runs on all tasks and this thread has next to nothing to do.
 */
import type { SourceItem } from "../pool/work-window.ts";

/** A record, with where it came from. */
export interface SourceRecord extends SourceItem {
  /** The line of the input on which it begins, from 1. */
  readonly line: number;
  /** About how many bytes of the input end with it; what progress is measured by. */
  readonly offset: number;
}

/** Where a record of text begins and ends. */
export interface RecordPlace {
  readonly line: number;
  readonly offset: number;
}

/** The longest record that is read, in bytes. An input without line ends must not fill the memory. */
export const longestRecordBytes: number = 64 * 1024 * 1024;

/** Beside its text, what a record costs in this thread. */
const overheadBytes = 100;

/** A record of text. */
export function textRecord(value: string, { line, offset }: RecordPlace): SourceRecord {
  return { value, bytes: value.length + overheadBytes, line, offset };
}

/** A record that cannot be read; it fails like one whose function throws. */
export function brokenRecord(message: string, { line, offset }: RecordPlace): SourceRecord {
  return { error: withoutStack(new SyntaxError(message)), bytes: overheadBytes, line, offset };
}

/** A record that is longer than {@link longestRecordBytes}. */
export function tooLongRecord(place: RecordPlace): SourceRecord {
  return brokenRecord(`longer than ${longestRecordBytes / 1024 / 1024} MB`, place);
}

/** For errors in the data: where in this program they were noticed helps nobody. */
export function withoutStack<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
