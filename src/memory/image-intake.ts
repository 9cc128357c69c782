/**
 * Takes an image in, piece by piece and straight into shared memory, and opens it when it is whole.
 *
 *   pieces ─▶ header (64 bytes) ─▶ content: a SharedArrayBuffer ─▶ hash ─▶ structure ─▶ Region
 *
 * Content comes in turn, or as blocks in any order. Each block is hashed when it is there, and as much of the
 * structure checked as can be: best the blocks with shapes and text come first, and then those with objects
 * in their order. What the checks found is only told when all are done, that of the hash first.
 *
 * The memory is taken when the header has been read. Where the length of the source is known, it must
 * agree first, so a lying header takes nothing. Until the checks are done nobody else knows the memory,
 * and nothing is read through it.
 */
import { checkSharedMemory } from "../runtime/host.ts";
import { QuipeError } from "../errors.ts";
import { nextBufferId } from "../sync/buffers.ts";
import { ArrivingRegion } from "./arriving-region.ts";
import { BLOCK_WORDS, ContentHash } from "./content-hash.ts";
import {
  damagedImage,
  foreignImage,
  IMAGE_HEADER_BYTES,
  type ImageHeader,
  readHeader,
  unsupportedImage,
} from "./image.ts";
import { HEADER, VERSION } from "./layout.ts";
import { openRegion, type Region } from "./region.ts";
import { layoutVersion } from "./verify.ts";

/** Bytes that are hashed as one, so that they are still in the cache. */
const HASHED_AS_ONE = 1 << 18;

/** One image on its way in. */
export class ImageIntake {
  readonly #sourceBytes: number | undefined;
  readonly #headerBytes = new Uint8Array(IMAGE_HEADER_BYTES);
  #header: ImageHeader | undefined = undefined;
  /** What bytes still go into: the header, then the content. */
  #target: Uint8Array = this.#headerBytes;
  #filled = 0;
  #words = new Int32Array(noMemoryYet());
  #hashedWords = 0;
  readonly #hash = new ContentHash();
  #region = new ArrivingRegion(this.#words);
  /** Of blocks that came in any order: which are there, how many from the first on, the first of those at the end. */
  #hasBlock: boolean[] = [];
  #front = 0;
  #back = 0;

  /** `sourceBytes` is how many bytes the source has, if that is known. */
  constructor(sourceBytes?: number) {
    this.#sourceBytes = sourceBytes;
  }

  /** Where the next bytes belong; empty when the image is complete. */
  room(mostBytes: number): Uint8Array {
    return this.#target.subarray(this.#filled, this.#filled + mostBytes);
  }

  /** Says that `count` bytes were put into what `room` gave. */
  filled(count: number): void {
    this.#filled += count;
    if (this.#header === undefined && this.#filled === IMAGE_HEADER_BYTES) this.#begin();
  }

  /** Takes in `bytes`, which come next. */
  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const room = this.room(Math.min(rest.length, HASHED_AS_ONE));
      if (room.length === 0) throw tooLong();
      room.set(rest.subarray(0, room.length));
      this.filled(room.length);
      this.hashFilled();
      rest = rest.subarray(room.length);
    }
  }

  /** Hashes what is there and has not been hashed yet. */
  hashFilled(): void {
    if (this.#header === undefined) return;
    const isComplete = this.#filled === this.#header.contentBytes;
    const end = isComplete ? this.#words.length : Math.floor(this.#filled / 16) * 4;
    this.#hash.add(this.#words, this.#hashedWords, end);
    this.#hashedWords = end;
  }

  /** How many blocks the content has. */
  get blocks(): number {
    return Math.ceil(this.#words.length / BLOCK_WORDS);
  }

  /** Where block `index` belongs, and where it begins in the source. */
  block(index: number): { readonly target: Uint8Array; readonly position: number } {
    const start = index * BLOCK_WORDS * 4;
    const target = this.#target.subarray(start, start + BLOCK_WORDS * 4);
    return { target, position: IMAGE_HEADER_BYTES + start };
  }

  /** The block in which shapes and text begin, as the content says whose first bytes are there. */
  get tailBlock(): number {
    const block = Math.floor((this.#words[HEADER.SHAPE_TABLE] as number) / BLOCK_WORDS);
    return block > 0 && block < this.blocks ? block : 0;
  }

  /** Says that block `index` was put into its place. */
  blockFilled(index: number): void {
    const { length } = this.#words;
    const start = index * BLOCK_WORDS;
    const end = Math.min(start + BLOCK_WORDS, length);
    this.#hash.add(this.#words, start, end);
    this.#hashedWords += end - start;
    this.#filled += (end - start) * 4;
    this.#hasBlock[index] = true;
    while (this.#hasBlock[this.#front] === true) this.#front++;
    while (this.#hasBlock[this.#back - 1] === true) this.#back--;
    const ready = Math.min(this.#front * BLOCK_WORDS, length);
    this.#region.check({ ready, tail: Math.min(this.#back * BLOCK_WORDS, length) });
  }

  /** Checks the complete image and opens it. */
  finish(): Region {
    const header = this.#header ?? readHeader(this.#headerBytes.subarray(0, this.#filled));
    if (this.#filled < header.contentBytes) throw cutOff(header, this.#filled);
    this.hashFilled();
    const hash = this.#hash.finish();
    if (hash.some((word, index) => word !== header.contentHash[index])) {
      throw damagedImage("its content does not match its hash");
    }
    return this.#open(this.#words);
  }

  #begin(): void {
    const header = readHeader(this.#headerBytes);
    const { contentBytes } = header;
    const sourceContent =
      (this.#sourceBytes ?? contentBytes + IMAGE_HEADER_BYTES) - IMAGE_HEADER_BYTES;
    if (sourceContent < contentBytes) throw cutOff(header, sourceContent);
    if (sourceContent > contentBytes) throw tooLong();
    const buffer = takeMemory(contentBytes);
    this.#header = header;
    this.#target = new Uint8Array(buffer);
    this.#filled = 0;
    this.#words = new Int32Array(buffer);
    this.#region = new ArrivingRegion(this.#words);
    this.#back = this.blocks;
  }

  /** Opens the region in `words` if it is one. */
  #open(words: Int32Array<SharedArrayBuffer>): Region {
    refuseOtherLayout(words);
    const fault = this.#region.fault();
    if (fault !== undefined) throw damagedImage(fault);
    words[HEADER.ID] = nextBufferId();
    return openRegion(words.buffer);
  }
}

function refuseOtherLayout(words: Int32Array): void {
  const layout = layoutVersion(words);
  if (layout === undefined) throw foreignImage();
  if (layout > VERSION) {
    throw unsupportedImage(
      `its data have layout ${layout}, and this version of quipe knows up to ${VERSION}; ` +
        "read it with a newer one",
    );
  }
  if (layout < VERSION) {
    throw unsupportedImage(
      `its data have layout ${layout}, which only older versions of quipe know; save it anew`,
    );
  }
}

function noMemoryYet(): SharedArrayBuffer {
  checkSharedMemory();
  return new SharedArrayBuffer(0);
}

function takeMemory(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new QuipeError(
      "out-of-memory",
      `There is no memory for the ${bytes} bytes that this image has.`,
      { cause },
    );
  }
}

function cutOff({ contentBytes }: ImageHeader, found: number): QuipeError {
  return damagedImage(
    `it is cut off after ${IMAGE_HEADER_BYTES + found} of ${IMAGE_HEADER_BYTES + contentBytes} bytes`,
  );
}

function tooLong(): QuipeError {
  return damagedImage("more bytes follow than its header says");
}
