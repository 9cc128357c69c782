/**
 * Reads strings out of the text pages of a region, one reader per thread and region.
 *
 * Decoding a whole page once and cutting strings out of it is two to five times cheaper than decoding
 * string by string, so a page that was touched often enough is decoded as a whole and kept a while. Strings
 * that occur more than once are remembered by reference in a small direct-mapped table, as are those
 * too long for a page.
 */
import { memoryDecoder, type MemoryDecoder } from "../runtime/text.ts";
import { TEXT } from "./layout.ts";

/** A page read this often is decoded as a whole. */
const TOUCHES = 16;

/** The most pages that are kept decoded: 6 MB of text. */
const KEPT_PAGES = 192;

/** The most strings that are remembered. */
const REMEMBERED = 1 << 14;

/** The strings of one region as this thread sees them. */
export class TextReader {
  readonly #words: Int32Array;
  readonly #decoder: MemoryDecoder;
  readonly #pages: (string | undefined)[] = [];
  readonly #touches: Uint8Array;
  /** The pages that are decoded, in a ring, and where the next one goes. */
  readonly #decoded: number[] = [];
  #next = 0;
  #mask = 0;
  #references = new Int32Array(1);
  #strings: string[] = [""];

  /** `textAddress` is the address of the first text page. */
  constructor(buffer: SharedArrayBuffer, textAddress: number) {
    // With a length of its own: views that track the length of a growable buffer are slow.
    this.#words = new Int32Array(buffer, textAddress * 4, (buffer.byteLength >> 2) - textAddress);
    this.#decoder = memoryDecoder(buffer, textAddress * 4);
    this.#touches = new Uint8Array((this.#words.length >> TEXT.PAGE_SHIFT) + 1);
  }

  /** The string at `reference`. */
  read(reference: number): string {
    const slot = reference & this.#mask;
    if (this.#references[slot] === reference) return this.#strings[slot] as string;
    const head = this.#words[reference] as number;
    if (head >= 0 && (head & TEXT.WIDE) === 0) return this.#cut(reference, head);
    return this.#remember(reference, head);
  }

  /** Whether the string at `reference` is `text`, without making a string of it. */
  equals(reference: number, text: string): boolean {
    const length = (this.#words[reference] as number) & TEXT.LENGTH_MASK;
    return length === text.length && this.read(reference) === text;
  }

  /** Forgets what was decoded of the pages from one reference to another: they were written into. */
  forget(first: number, last: number): void {
    const from = Math.min(first, last) >> TEXT.PAGE_SHIFT;
    const to = Math.max(first, last) >> TEXT.PAGE_SHIFT;
    for (let page = from; page <= to; page++) this.#pages[page] = undefined;
  }

  #remember(reference: number, head: number): string {
    if (this.#mask === 0) this.#makeMemory();
    const slot = reference & this.#mask;
    const text = this.#decode(reference, head);
    this.#references[slot] = reference;
    this.#strings[slot] = text;
    return text;
  }

  #makeMemory(): void {
    let size = 64;
    while (size < REMEMBERED && size < this.#words.length) size *= 2;
    this.#mask = size - 1;
    this.#references = new Int32Array(size);
    this.#strings = Array.from({ length: size }, () => "");
  }

  #decode(reference: number, head: number): string {
    const length = head & TEXT.LENGTH_MASK;
    if ((head & TEXT.WIDE) === 0) return this.#cut(reference, length);
    return this.#decoder.utf16((reference + TEXT.HEAD_WORDS) << 2, length);
  }

  #cut(reference: number, length: number): string {
    const start = ((reference & TEXT.PAGE_MASK) + TEXT.HEAD_WORDS) << 2;
    const page = reference >> TEXT.PAGE_SHIFT;
    const decoded = this.#pages[page];
    if (decoded !== undefined && start + length <= decoded.length) {
      return decoded.substring(start, start + length);
    }
    return this.#cutFirst(reference, length);
  }

  /** Lets go of the page that was decoded longest ago, so that no copy of all the text builds up. */
  #makeRoom(page: number): void {
    const oldest = this.#decoded[this.#next];
    if (oldest !== undefined) {
      this.#pages[oldest] = undefined;
      this.#touches[oldest] = 0;
    }
    this.#decoded[this.#next] = page;
    this.#next = (this.#next + 1) % KEPT_PAGES;
  }

  #cutFirst(reference: number, length: number): string {
    const start = (reference + TEXT.HEAD_WORDS) << 2;
    const page = reference >> TEXT.PAGE_SHIFT;
    const first = page << (TEXT.PAGE_SHIFT + 2);
    const end = Math.min(first + TEXT.PAGE_WORDS * 4, this.#words.length * 4);
    const touches = (this.#touches[page] as number) + 1;
    if (touches < TOUCHES || start + length > end) {
      if (touches < TOUCHES) this.#touches[page] = touches;
      return this.#decoder.latin1(start, start + length);
    }
    this.#makeRoom(page);
    this.#pages[page] = this.#decoder.latin1(first, end);
    return this.#cut(reference, length);
  }
}
