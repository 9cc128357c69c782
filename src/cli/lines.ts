/**
 * A stream of bytes as lines: whole blocks of lines at a time, so that most of the work is done by
 * `lastIndexOf`, one decoding and one `split` for each block.
 *
 *    chunk ──► carry + [ line \n line \n … line \n ] ──► records
 *                                              └ rest ─► carry
 *
 * A line ends with LF or CR LF; the last one may end with the input. A line that is not UTF-8, or longer
 * than a record may be, becomes a record of its own that has failed; the lines around it are well.
 */
import {
  brokenRecord,
  longestRecordBytes,
  textRecord,
  tooLongRecord,
  type RecordPlace,
  type SourceRecord,
} from "./source-record.ts";
import { decodeUtf8, notUtf8, withoutByteOrderMark } from "./utf8-text.ts";

/** What counts as a record. */
export interface LineOptions {
  /** Whether a line of nothing but white space is left out instead of being a record. */
  readonly skipBlank: boolean;
}

const lineFeed = 0x0a;

/** Cuts a stream of bytes into lines. */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  options: LineOptions,
): AsyncGenerator<readonly SourceRecord[], void, undefined> {
  const cutter = new LineCutter(options);
  for await (const chunk of chunks) {
    const records = cutter.cut(chunk);
    if (records.length > 0) yield records;
  }
  const last = cutter.finish();
  if (last.length > 0) yield last;
}

class LineCutter {
  readonly #options: LineOptions;
  /** The beginning of a line whose end has not come yet. */
  #carry: Buffer[] = [];
  #carryBytes = 0;
  /** The current line is too long; its bytes are dropped until it ends. */
  #dropping = false;
  #line = 1;
  #offset = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  cut(chunk: Buffer): readonly SourceRecord[] {
    const lastEnd = chunk.lastIndexOf(lineFeed);
    if (lastEnd < 0) {
      this.#keep(chunk);
      return [];
    }
    const first = this.#dropping ? chunk.indexOf(lineFeed) : 0;
    const records = this.#dropping ? [this.#tooLong(first + 1)] : [];
    const begin = records.length > 0 ? first + 1 : 0;
    const block = begin <= lastEnd ? this.#block(chunk.subarray(begin, lastEnd)) : [];
    this.#keep(chunk.subarray(lastEnd + 1));
    return records.length === 0 ? block : [...records, ...block];
  }

  finish(): readonly SourceRecord[] {
    if (this.#dropping) return [this.#tooLong(0)];
    return this.#carryBytes === 0 ? [] : this.#block(Buffer.alloc(0));
  }

  #keep(bytes: Buffer): void {
    if (this.#dropping) {
      this.#offset += bytes.length;
      return;
    }
    if (bytes.length > 0) this.#carry.push(bytes);
    this.#carryBytes += bytes.length;
    if (this.#carryBytes <= longestRecordBytes) return;
    this.#offset += this.#carryBytes;
    this.#carry = [];
    this.#carryBytes = 0;
    this.#dropping = true;
  }

  #tooLong(moreBytes: number): SourceRecord {
    this.#dropping = false;
    this.#offset += moreBytes;
    const place = { line: this.#line, offset: this.#offset };
    this.#line += 1;
    return tooLongRecord(place);
  }

  /** The lines of `carry + bytes`, of which the last one has just ended. */
  #block(bytes: Buffer): SourceRecord[] {
    let block = this.#carry.length === 0 ? bytes : Buffer.concat([...this.#carry, bytes]);
    this.#carry = [];
    this.#carryBytes = 0;
    const begin = this.#offset;
    this.#offset += block.length + 1;
    if (this.#line === 1) block = withoutByteOrderMark(block);
    const text = decodeUtf8(block);
    const records = text === undefined ? this.#oneByOne(block, begin) : this.#split(text, begin);
    return records;
  }

  #split(text: string, begin: number): SourceRecord[] {
    const records: SourceRecord[] = [];
    const bytesEach = (this.#offset - begin) / (text.length + 1);
    let length = 0;
    for (const line of text.split("\n")) {
      length += line.length + 1;
      this.#add(records, line, Math.round(begin + length * bytesEach));
    }
    return records;
  }

  /** Slowly, for a block that is not UTF-8: to find the lines that are. */
  #oneByOne(block: Buffer, begin: number): SourceRecord[] {
    const records: SourceRecord[] = [];
    let start = 0;
    while (start <= block.length) {
      const found = block.indexOf(lineFeed, start);
      const end = found < 0 ? block.length : found;
      this.#add(records, decodeUtf8(block.subarray(start, end)), begin + end + 1);
      start = end + 1;
    }
    return records;
  }

  #add(records: SourceRecord[], line: string | undefined, offset: number): void {
    const place: RecordPlace = { line: this.#line, offset };
    this.#line += 1;
    if (line === undefined) {
      records.push(brokenRecord(notUtf8, place));
      return;
    }
    if (this.#options.skipBlank && line.trim() === "") return;
    records.push(textRecord(line.endsWith("\r") ? line.slice(0, -1) : line, place));
  }
}
