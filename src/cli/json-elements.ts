/**
 * A stream of bytes as the elements of one JSON array, or as JSON values one after the other.
 *
 *    [ {"a": 1} , [2, 3] , "x" ]          {"a": 1} {"a": 2}
 *      ────────   ──────   ───            ──────── ────────      each underlined text is a record
 *
 * This only finds where elements begin and end, by counting brackets outside of strings; whether the
 * text between is JSON is for `JSON.parse` to say, in the task that gets it. A streaming parser that
 * builds the values reads 15 to 25 MB/s on one thread, and every value would have to be copied to a
 * task afterwards; finding the ends takes a tenth of that time and the parsing runs on all tasks.
 *
 * An element that is not JSON fails alone. A text whose brackets do not match up, or that goes on after
 * the array, has no elements to speak of from there on: that is an error of the input.
 */
import { CommandError } from "./command-error.ts";
import {
  brokenRecord,
  longestRecordBytes,
  textRecord,
  tooLongRecord,
  type RecordPlace,
  type SourceRecord,
} from "./source-record.ts";
import { decodeUtf8, notUtf8, withoutByteOrderMark } from "./utf8-text.ts";

/** Cuts a stream of bytes into JSON values. `name` is what the input is called in errors. */
export async function* readJsonElements(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<readonly SourceRecord[], void, undefined> {
  const cutter = new ElementCutter(name);
  for await (const chunk of chunks) {
    const records = cutter.cut(chunk);
    if (records.length > 0) yield records;
    cutter.throwIfBroken();
  }
  const last = cutter.finish();
  if (last.length > 0) yield last;
  cutter.throwIfBroken();
}

/**
 *    start ──'['──► array: elements are cut at ',' and at the closing ']' ──► after
 *      └──any other──► values: cut where a value closes, and at white space
 */
type Place = "start" | "array" | "values" | "after";

const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const lineFeed = 0x0a;

type ByteKind = "plain" | "blank" | "quote" | "backslash" | "open" | "close" | "comma";

const kindsOfBytes: readonly ByteKind[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20) return "blank";
  const marks: Record<string, ByteKind> = { '"': "quote", "\\": "backslash", ",": "comma" };
  const brackets: Record<string, ByteKind> = {
    "[": "open",
    "{": "open",
    "]": "close",
    "}": "close",
  };
  const character = String.fromCharCode(byte);
  return marks[character] ?? brackets[character] ?? "plain";
});

class ElementCutter {
  readonly #name: string;
  #place: Place = "start";
  /** Brackets that the current element has opened; the one of the array itself does not count. */
  #depth = 0;
  #inString = false;
  /** The last chunk ended with a backslash inside of a string. */
  #escaped = false;
  /** Whether the current element has begun, here or in an earlier chunk. */
  #begun = false;
  #afterComma = false;
  #elementLine = 1;
  /** Where the current element begins in this chunk. */
  #start = 0;
  #carry: Buffer[] = [];
  #carryBytes = 0;
  #line = 1;
  #offset = 0;
  #records: SourceRecord[] = [];
  #broken: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  cut(chunk: Buffer): readonly SourceRecord[] {
    if (this.#broken !== undefined) return [];
    this.#start = 0;
    this.#scan(chunk, this.#offset === 0 ? markBytes(chunk) : 0);
    if (this.#begun) this.#keep(chunk.subarray(this.#start));
    this.#offset += chunk.length;
    return this.#takeRecords();
  }

  finish(): readonly SourceRecord[] {
    if (this.#broken !== undefined) return [];
    if (this.#place === "array") this.#break("it ends in the middle of its array");
    else if (this.#depth > 0 || this.#inString) this.#break("it ends in the middle of a value");
    else if (this.#begun) this.#complete(Buffer.alloc(0), 0);
    return this.#takeRecords();
  }

  throwIfBroken(): void {
    if (this.#broken !== undefined) throw new CommandError(this.#broken);
  }

  #scan(chunk: Buffer, from: number): void {
    let i = this.#escaped ? from + 1 : from;
    this.#escaped = false;
    for (; i < chunk.length && this.#broken === undefined; i++) {
      const byte = chunk[i] ?? 0;
      const kind = kindsOfBytes[byte] ?? "plain";
      if (kind === "plain" && this.#begun) continue;
      if (byte === lineFeed) this.#line += 1;
      if (this.#inString) {
        if (kind === "quote") this.#endString(chunk, i);
        else if (kind === "backslash") i += 1; // Whatever comes next is part of the string.
        continue;
      }
      if (!this.#begun && !this.#begins(byte, kind, i)) continue;
      this.#step({ chunk, i, byte, kind });
    }
    this.#escaped = i > chunk.length;
  }

  /** Between elements: whether an element begins at this byte. */
  #begins(byte: number, kind: ByteKind, i: number): boolean {
    if (kind === "blank") return false;
    if (this.#place === "after") {
      this.#break(`it goes on after the end of its array, at line ${this.#line}`);
      return false;
    }
    if (this.#place === "start") {
      this.#place = byte === openBracket ? "array" : "values";
      if (byte === openBracket) return false;
    }
    if (this.#place === "array" && (kind === "comma" || byte === closeBracket)) {
      this.#separatorWithoutElement(byte);
      return false;
    }
    this.#begun = true;
    this.#start = i;
    this.#elementLine = this.#line;
    return true;
  }

  #separatorWithoutElement(byte: number): void {
    if (byte === comma || this.#afterComma) {
      this.#break(`a value is missing in its array, at line ${this.#line}`);
    } else {
      this.#place = "after";
    }
  }

  /** Inside of an element, outside of its strings. */
  #step({
    chunk,
    i,
    byte,
    kind,
  }: Readonly<{ chunk: Buffer; i: number; byte: number; kind: ByteKind }>): void {
    if (kind === "quote") {
      this.#inString = true;
    } else if (kind === "open") {
      this.#depth += 1;
    } else if (kind === "close" && this.#depth > 0) {
      this.#depth -= 1;
      if (this.#depth === 0 && this.#place === "values") this.#complete(chunk, i + 1);
    } else if (this.#depth === 0 && this.#place === "values" && kind === "blank") {
      this.#complete(chunk, i);
    } else if (this.#depth === 0 && this.#place === "array") {
      this.#separate({ chunk, i, byte, kind });
    }
  }

  #separate({
    chunk,
    i,
    byte,
    kind,
  }: Readonly<{ chunk: Buffer; i: number; byte: number; kind: ByteKind }>): void {
    if (kind !== "comma" && byte !== closeBracket) return;
    this.#complete(chunk, i);
    this.#afterComma = kind === "comma";
    if (byte === closeBracket) this.#place = "after";
  }

  #endString(chunk: Buffer, i: number): void {
    this.#inString = false;
    if (this.#depth === 0 && this.#place === "values") this.#complete(chunk, i + 1);
  }

  #keep(bytes: Buffer): void {
    this.#carryBytes += bytes.length;
    if (this.#carryBytes <= longestRecordBytes) this.#carry.push(bytes);
    else this.#carry = []; // Too long; it is only counted until it ends.
  }

  /** The current element ends before byte `end` of the chunk. */
  #complete(chunk: Buffer, end: number): void {
    const place = { line: this.#elementLine, offset: this.#offset + end };
    this.#records.push(this.#recordOf(chunk.subarray(this.#start, end), place));
    this.#carry = [];
    this.#carryBytes = 0;
    this.#start = end;
    this.#begun = false;
  }

  #recordOf(bytes: Buffer, place: RecordPlace): SourceRecord {
    if (this.#carryBytes + bytes.length > longestRecordBytes) return tooLongRecord(place);
    const whole = this.#carryBytes === 0 ? bytes : Buffer.concat([...this.#carry, bytes]);
    const text = decodeUtf8(whole);
    return text === undefined ? brokenRecord(notUtf8, place) : textRecord(text, place);
  }

  #break(why: string): void {
    this.#broken = `${this.#name} is not JSON: ${why}.`;
  }

  #takeRecords(): readonly SourceRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}

function markBytes(chunk: Buffer): number {
  return chunk.length - withoutByteOrderMark(chunk).length;
}
