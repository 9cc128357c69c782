/**
 * `load`: an image becomes data that is frozen for ever, without parsing anything.
 */
import { SourceFile } from "../runtime/files.ts";
import type { Frozen } from "./frozen.ts";
import { IMAGE_HEADER_BYTES } from "./image.ts";
import { ImageIntake } from "./image-intake.ts";
import { HEAP_START } from "./layout.ts";
import type { Region } from "./region.ts";
import { rootOf } from "./views.ts";

/** Bytes that are read from a pipe while those before them are hashed. */
const READ_AS_ONE = 1 << 22;

/** Reads that are under way at once: a thread pool has four threads as a rule, and others use it too. */
const READS_AT_ONCE = 3;

/**
 * What {@link load} reads: a path or file URL, bytes, or anything that gives bytes chunk by chunk, as a
 * `ReadableStream`, a Node stream or the body of a response.
 */
export type ImageSource =
  | string
  | URL
  | ArrayBufferLike
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/**
 * Loads an image that {@link save} wrote. Its data is frozen for ever and can be sent to every task by
 * reference. Nothing is parsed or copied: the bytes are read into shared memory and checked there, and
 * objects come into being when they are first touched.
 *
 * The checks come before anything is read through the bytes and do not trust them: a hash over the content,
 * and whether its structure is one that `save` writes. Throws a {@link QuipeError}: `damaged-image` if the
 * image was cut off, changed or made to mislead, `foreign-image` if it is something else,
 * `unsupported-image` if it is for a newer version or another kind of machine. Errors of the file system
 * come as they are.
 *
 * An image says nothing about who made it. Whoever can write the file decides what is in the data.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { load, save } from "quipe";
 *
 * const bytes = await save({ towns: [{ name: "Oslo" }] });
 * const { towns } = await load<{ towns: { name: string }[] }>(bytes);
 * assert.equal(towns[0]?.name, "Oslo");
 * bytes[100] = 1;
 * await assert.rejects(load(bytes), { code: "damaged-image" });
 * ```
 */
export async function load<T = unknown>(source: ImageSource): Promise<Frozen<T>> {
  return rootOf(await loadRegion(source)) as Frozen<T>;
}

/** The region that `load` opens. */
export async function loadRegion(source: ImageSource): Promise<Region> {
  if (typeof source === "string" || source instanceof URL) return loadFile(source);
  const bytes = bytesOf(source);
  if (bytes !== undefined) {
    const intake = new ImageIntake(bytes.length);
    intake.push(bytes);
    return intake.finish();
  }
  return loadChunks(source as Iterable<Uint8Array>);
}

async function loadFile(path: string | URL): Promise<Region> {
  const file = await SourceFile.open(path);
  try {
    const intake = new ImageIntake(file.bytes);
    if (file.bytes === undefined) await readInTurn(file, intake);
    else await readAtOnce(file, intake);
    return intake.finish();
  } finally {
    await file.close();
  }
}

/** Reads a pipe or a device, from which bytes only come one after the other. */
async function readInTurn(file: SourceFile, intake: ImageIntake): Promise<void> {
  for (;;) {
    const reading = file.read(intake.room(READ_AS_ONE));
    intake.hashFilled(); // while the next bytes are on their way
    const count = await reading;
    if (count === 0) break;
    intake.filled(count);
  }
  const isLonger = (await file.read(new Uint8Array(1))) > 0;
  if (isLonger) intake.push(new Uint8Array(1));
}

/**
 * Reads a file block by block, several of them at once and each to its place: most of the time goes into pages
 * of memory that are touched for the first time, and that two processors do in half of it. While blocks are
 * read, those before them are checked, so shapes and text come first.
 */
async function readAtOnce(file: SourceFile, intake: ImageIntake): Promise<void> {
  const head = intake.room(IMAGE_HEADER_BYTES);
  if (!(await file.fill(head, 0))) return intake.filled(await file.read(head));
  intake.filled(head.length);
  // Read once more with its block; here it only says what to begin with.
  await file.fill(intake.room(HEAP_START * 4), head.length);
  const { blocks, tailBlock } = intake;
  let next = 0;
  const readBlocks = async (): Promise<void> => {
    let read: number | undefined = undefined;
    for (;;) {
      const index = next < blocks ? (next++ + tailBlock) % blocks : undefined;
      const isFilling = index === undefined ? undefined : fillBlock(file, intake, index);
      if (read !== undefined) intake.blockFilled(read);
      if (index === undefined || !(await isFilling)) return;
      read = index;
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readBlocks));
}

function fillBlock(file: SourceFile, intake: ImageIntake, index: number): Promise<boolean> {
  const { target, position } = intake.block(index);
  return file.fill(target, position);
}

async function loadChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Region> {
  const intake = new ImageIntake();
  for await (const chunk of chunks) {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw new TypeError("Expected every chunk of `source` to be bytes.");
    intake.push(bytes);
  }
  return intake.finish();
}

function bytesOf(source: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  const isBuffer = source instanceof ArrayBuffer || source instanceof SharedArrayBuffer;
  if (isBuffer) return new Uint8Array(source);
  const isIterable =
    typeof source === "object" &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (isIterable) return undefined;
  throw new TypeError("Expected `source` to be a path, a URL, bytes or a stream of bytes.");
}
