/**
 * An image: a frozen region as bytes that can be kept in a file and sent anywhere.
 *
 *   byte  0  signature      89 71 75 69 70 0d 0a 1a, which no text file begins with
 *         8  byte order     0x01020304
 *        12  format version
 *        16  content bytes  two words, low and high
 *        24  content hash   four words (content-hash.ts)
 *        40  nought         five words
 *        60  checksum       CRC-32 of the 60 bytes before it
 *        64  content        the words of one region (layout.ts), in their canonical form
 *
 * All words are little endian. The checksum covers the hash and the hash covers the content, so together
 * they cover every bit. Signature, byte order, checksum and their places stay the same in all versions.
 *
 * The canonical form of a region leaves out what is true of one process only: number, owner and pins
 * are nought, and the state is "frozen for ever". There is exactly one region and it refers to no other.
 */
import { QuipeError } from "../errors.ts";
import { checksumOf, type HashWords } from "./content-hash.ts";
import { HEADER, HEAP_START, MAXIMUM_WORDS, STATE } from "./layout.ts";

/** Bytes before the content. */
export const IMAGE_HEADER_BYTES = 64;

/** The format that this version writes and reads. The first one hashed its content as a whole. */
export const IMAGE_VERSION = 2;

/** Where the fields of the header are, in bytes. */
export const IMAGE_FIELD = {
  SIGNATURE: 0,
  BYTE_ORDER: 8,
  VERSION: 12,
  BYTES_LOW: 16,
  BYTES_HIGH: 20,
  HASH: 24,
  RESERVED: 40,
  CHECKSUM: 60,
} as const;

const SIGNATURE = [0x89, 0x71, 0x75, 0x69, 0x70, 0x0d, 0x0a, 0x1a] as const;

const BYTE_ORDER = { RIGHT: 0x01020304, REVERSED: 0x04030201 } as const;

/** What a header says of its content. */
export interface ImageHeader {
  readonly contentBytes: number;
  readonly contentHash: HashWords;
}

/** The bytes of a header. */
export function writeHeader({ contentBytes, contentHash }: ImageHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(IMAGE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(SIGNATURE, IMAGE_FIELD.SIGNATURE);
  view.setUint32(IMAGE_FIELD.BYTE_ORDER, BYTE_ORDER.RIGHT, true);
  view.setUint32(IMAGE_FIELD.VERSION, IMAGE_VERSION, true);
  view.setUint32(IMAGE_FIELD.BYTES_LOW, contentBytes >>> 0, true);
  view.setUint32(IMAGE_FIELD.BYTES_HIGH, Math.floor(contentBytes / 2 ** 32), true);
  contentHash.forEach((word, index) => view.setInt32(IMAGE_FIELD.HASH + index * 4, word, true));
  seal(bytes);
  return bytes;
}

/** Writes the checksum that belongs to the other bytes of a header. */
export function seal(header: Uint8Array): void {
  const view = new DataView(header.buffer, header.byteOffset, IMAGE_HEADER_BYTES);
  const checksum = checksumOf(header.subarray(0, IMAGE_FIELD.CHECKSUM));
  view.setInt32(IMAGE_FIELD.CHECKSUM, checksum, true);
}

/** Reads a header. Throws `foreign-image`, `damaged-image` or `unsupported-image`. */
export function readHeader(bytes: Uint8Array): ImageHeader {
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte)) throw foreignImage();
  if (bytes.length < IMAGE_HEADER_BYTES) {
    throw damagedImage(`it ends after ${bytes.length} bytes, within its header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, IMAGE_HEADER_BYTES);
  refuseByteOrder(view.getUint32(IMAGE_FIELD.BYTE_ORDER, true));
  const checksum = checksumOf(bytes.subarray(0, IMAGE_FIELD.CHECKSUM));
  if (checksum !== view.getInt32(IMAGE_FIELD.CHECKSUM, true)) {
    throw damagedImage("the checksum of its header does not match");
  }
  refuseVersion(view.getUint32(IMAGE_FIELD.VERSION, true));
  const high = view.getUint32(IMAGE_FIELD.BYTES_HIGH, true);
  const contentBytes = high * 2 ** 32 + view.getUint32(IMAGE_FIELD.BYTES_LOW, true);
  const isPossible = contentBytes >= HEAP_START * 4 && contentBytes <= MAXIMUM_WORDS * 4;
  if (!isPossible || contentBytes % 8 !== 0 || !isReservedZero(bytes)) {
    throw damagedImage("its header contradicts itself");
  }
  const hashWord = (index: number): number => view.getInt32(IMAGE_FIELD.HASH + index * 4, true);
  return { contentBytes, contentHash: [hashWord(0), hashWord(1), hashWord(2), hashWord(3)] };
}

function isReservedZero(bytes: Uint8Array): boolean {
  return bytes.subarray(IMAGE_FIELD.RESERVED, IMAGE_FIELD.CHECKSUM).every((byte) => byte === 0);
}

function refuseByteOrder(order: number): void {
  if (order === BYTE_ORDER.REVERSED) {
    throw unsupportedImage("its bytes are in the order of a big-endian machine");
  }
  if (order !== BYTE_ORDER.RIGHT) throw damagedImage("its byte order mark is none");
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) {
    throw unsupportedImage("this machine is big-endian, and images are little-endian");
  }
}

function refuseVersion(version: number): void {
  if (version > IMAGE_VERSION) {
    throw unsupportedImage(
      `it has format ${version}, and this version of quipe reads up to ${IMAGE_VERSION}; ` +
        "read it with a newer one",
    );
  }
  if (version === 0) throw damagedImage("its format version is 0");
  if (version < IMAGE_VERSION) {
    throw unsupportedImage(
      `it has format ${version}, which only older versions of quipe know; save it anew`,
    );
  }
}

/** The words of the header of a region in canonical form, made from those of a live region. */
export function canonicalHeader(words: Int32Array): Int32Array<ArrayBuffer> {
  const header = new Int32Array(HEAP_START);
  for (const word of KEPT) header[word] = words[word] as number;
  header[HEADER.STATE] = STATE.FROZEN_FOR_EVER;
  return header;
}

/** Whether the header of the region in `words` has its canonical form. */
export function isCanonicalHeader(words: Int32Array): boolean {
  return canonicalHeader(words).every((word, index) => word === words[index]);
}

/** The words of a region's header that mean the same in every process. */
const KEPT: readonly number[] = [
  HEADER.MAGIC,
  HEADER.VERSION,
  HEADER.ROOT,
  HEADER.ROOT + 1,
  HEADER.TOP,
  HEADER.ORDINALS,
  HEADER.SHAPES,
  HEADER.SHAPE_TABLE,
  HEADER.SHAPE_CAPACITY,
  HEADER.TEXT,
  HEADER.TEXT_TOP,
  HEADER.TEXT_END,
];

/** Bytes that never were an image. */
export function foreignImage(): QuipeError {
  return new QuipeError(
    "foreign-image",
    "This is not an image of quipe: it does not begin with the signature that save() writes.",
  );
}

/** An image that was cut off, changed on its way, or made to mislead. */
export function damagedImage(why: string): QuipeError {
  return new QuipeError("damaged-image", `This image is damaged: ${why}. Save it anew.`);
}

/** An image that is whole but not for this version or machine. */
export function unsupportedImage(why: string): QuipeError {
  return new QuipeError("unsupported-image", `This image cannot be read here: ${why}.`);
}
