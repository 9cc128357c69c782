/**
 * Takes an image in, piece by piece and straight into shared memory, and opens it when it is whole.
 *
 *   pieces ─▶ header (64 bytes) ─▶ content: a SharedArrayBuffer ─▶ hash ─▶ structure ─▶ Region
 *
 * The memory is taken when the header has been read. Where the length of the source is known, it must
 * agree first, so a lying header takes nothing. Until the checks are done nobody else knows the memory,
 * and nothing is read through it.
 */
import { QuipeError } from "../errors.ts";
import { nextBufferId } from "../sync/buffers.ts";
import { ContentHash } from "./content-hash.ts";
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
import { faultInRegion, layoutVersion } from "./verify.ts";

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
  #words = new Int32Array(new SharedArrayBuffer(0));
  #hashedWords = 0;
  readonly #hash = new ContentHash();

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

  /** Checks the complete image and opens it. */
  finish(): Region {
    const header = this.#header ?? readHeader(this.#headerBytes.subarray(0, this.#filled));
    if (this.#filled < header.contentBytes) throw cutOff(header, this.#filled);
    this.hashFilled();
    const hash = this.#hash.finish();
    if (hash.some((word, index) => word !== header.contentHash[index])) {
      throw damagedImage("its content does not match its hash");
    }
    return openContent(this.#words);
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
  }
}

/** Checks words that nobody vouches for and opens the region in them. */
function openContent(words: Int32Array<SharedArrayBuffer>): Region {
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
  const fault = faultInRegion(words);
  if (fault !== undefined) throw damagedImage(fault);
  words[HEADER.ID] = nextBufferId();
  return openRegion(words.buffer);
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
