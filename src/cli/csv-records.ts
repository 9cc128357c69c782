/**
 * A stream of bytes as the rows of a CSV file, each an object by the names in its first row.
 *
 * The parsing is csv-parse's. It calls back for each row and for each row that it cannot read, in their
 * order, while it is being written to; so a bad row becomes a record of its own that has failed, and
 * the rows around it are well.
 */
import { Parser } from "csv-parse";
import { CommandError } from "./command-error.ts";
import {
  brokenRecord,
  longestRecordBytes,
  type RecordPlace,
  type SourceRecord,
} from "./source-record.ts";
import { notUtf8 } from "./utf8-text.ts";

/** Reads CSV. `name` is what the input is called in errors. */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<readonly SourceRecord[], void, undefined> {
  const rows = new RowReader();
  try {
    for await (const chunk of checkedUtf8(chunks, name)) {
      await rows.write(chunk);
      const records = rows.take();
      if (records.length > 0) yield records;
    }
    await rows.end();
    const last = rows.take();
    if (last.length > 0) yield last;
  } finally {
    rows.destroy();
  }
}

class RowReader {
  readonly #parser: Parser;
  #records: SourceRecord[] = [];
  /** The last line that belongs to a row already seen. */
  #line = 1; // The header.
  #bytes = 0;
  #failure: Error | undefined;

  constructor() {
    this.#parser = new Parser({
      bom: true,
      columns: true,
      max_record_size: longestRecordBytes,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_record: (row: unknown, info) => {
        this.#records.push({ value: row, ...this.#placeUntil(info.lines, info.bytes) });
        return null;
      },
      on_skip: (error) => {
        if (error !== undefined) this.#refused(error.message, Number(error["lines"]));
      },
    });
    // A stream that fails calls back too; without a listener it would end the process besides.
    this.#parser.on("error", (error) => (this.#failure = error));
    this.#parser.resume();
  }

  async write(chunk: Buffer): Promise<void> {
    await new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()));
    this.#throwFailure();
  }

  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#parser.once("close", () => resolve());
      this.#parser.end();
    });
    this.#throwFailure();
  }

  take(): readonly SourceRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  destroy(): void {
    this.#parser.destroy();
  }

  /** A row with several faults is told of once. */
  #refused(message: string, line: number): void {
    if (line <= this.#line && this.#records.at(-1)?.error !== undefined) return;
    this.#records.push(brokenRecord(message, this.#placeUntil(line, this.#bytes)));
  }

  #placeUntil(line: number, bytes: number): RecordPlace & { readonly bytes: number } {
    const place = { line: this.#line + 1, offset: bytes, bytes: bytes - this.#bytes };
    this.#line = line;
    this.#bytes = bytes;
    return place;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

async function* checkedUtf8(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const check = (chunk: Buffer | undefined): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new CommandError(`${name} is ${notUtf8}.`);
    }
  };
  for await (const chunk of chunks) {
    check(chunk);
    yield chunk;
  }
  check(undefined);
}
