/**
 * `save`: frozen data as an image (image.ts), to a file, into a stream, or as bytes.
 *
 *   a whole region that was never edited   ─▶ its words as they are
 *   anything else: a part of a region,     ─▶ encoded anew, as freeze would, into one region
 *   an edited one, several regions,
 *   plain data
 *
 * What is written is checked by the rules by which it will be loaded: nothing is saved that cannot be read.
 */
import { QuipeError } from "../errors.ts";
import { writeWholeFile } from "../runtime/files.ts";
import { ContentHash } from "./content-hash.ts";
import { copyToShare } from "./copy-out.ts";
import { encode } from "./encoder.ts";
import { canonicalHeader, writeHeader } from "./image.ts";
import { type Address, HEADER, HEAP_START, SLOT, STATE, TAG } from "./layout.ts";
import { locate } from "./location.ts";
import { assertHere } from "./loss.ts";
import { refuseGuarded } from "./ownership.ts";
import type { Region } from "./region.ts";
import { faultInLiveRegion } from "./verify.ts";
import { writeImage } from "./write-image.ts";

/** Bytes that are written as one. */
const WRITTEN_AS_ONE = 1 << 20;

/** What of Node's `Writable` it takes for {@link save} to write into one. */
export interface NodeWritable {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown;
  end(done: () => void): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}

/** Where {@link save} writes: a path or file URL, a `WritableStream`, or a `Writable` of Node. */
export type ImageTarget = string | URL | WritableStream<Uint8Array> | NodeWritable;

/**
 * Saves frozen data as an image that {@link load} opens in no time: to a file, into a stream, which is then
 * closed, or, without a target, as bytes.
 *
 * Everything that the data refers to is saved with it, also if it was frozen at different times; of a
 * part of frozen data, that part alone. Plain data is saved as `freeze` would make it. The same data gives
 * the same bytes.
 *
 * A file is written beside its name and renamed when it is complete: whatever happens meanwhile, the
 * name shows the old file or the new one. Throws a {@link QuipeError} `not-shareable` for data that
 * `freeze` would refuse, and for data that can still be changed: freeze it first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rmSync } from "node:fs";
 * import { freeze, load, save } from "quipe";
 *
 * const towns = freeze([{ name: "Oslo" }, { name: "Bergen" }]);
 * await save(towns, "towns.quipe");
 * assert.deepEqual(await load("towns.quipe"), towns);
 * rmSync("towns.quipe");
 * ```
 */
export function save(value: unknown): Promise<Uint8Array<ArrayBuffer>>;
export function save(value: unknown, target: ImageTarget): Promise<void>;
export async function save(
  value: unknown,
  target?: ImageTarget,
): Promise<Uint8Array<ArrayBuffer> | void> {
  const image = imageOf(value);
  if (target === undefined) return inOnePiece(image);
  if (typeof target === "string" || target instanceof URL) {
    await writeWholeFile(target, chunksOf(image));
  } else if ("getWriter" in target) await writeToStream(target, image);
  else if ("write" in target) await writeToNode(target, image);
  else throw new TypeError("Expected `target` to be a path, a URL or a writable stream.");
}

/** An image in two parts: what is its own, and words that may belong to a region. */
interface Image {
  readonly header: Uint8Array;
  /** The words of a region's header, in canonical form. */
  readonly regionHeader: Int32Array;
  /** All words of the region; those after its header are saved. */
  readonly words: Int32Array;
  /** Throws if the words have changed meanwhile. */
  readonly refuseIfChanged: () => void;
}

function imageOf(value: unknown): Image {
  const location = typeof value === "object" && value !== null ? locate(value) : undefined;
  if (location === undefined) return imageOfWords(encodeWhole(value));
  const { region, address } = location;
  assertHere(region);
  if (region.state === STATE.GUARDED) refuseGuarded(region);
  if (!region.isFrozen) {
    throw new QuipeError(
      "not-shareable",
      `Region ${region.id} can still be changed by its owner, so it cannot be saved. Freeze it first.`,
    );
  }
  if (!isRoot(region, address) || faultInLiveRegion(region.words) !== undefined) {
    return imageOfWords(encodeWhole(copyToShare(value)));
  }
  const epoch = region.words[HEADER.EPOCH];
  return imageOfWords(region.words, () => {
    if (region.isFrozen && region.words[HEADER.EPOCH] === epoch) return;
    throw new QuipeError(
      "stale",
      `Region ${region.id} was thawed while it was saved. Wait for save() before you thaw it.`,
    );
  });
}

function isRoot(region: Region, address: Address): boolean {
  const { words } = region;
  return (
    words[HEADER.ROOT + SLOT.HIGH] === TAG.REFERENCE &&
    words[HEADER.ROOT + SLOT.LOW] === address &&
    region.buffer.byteLength === (words[HEADER.TOP] as number) * 4
  );
}

/** The words of a new region that holds all of `value`, and nothing of any other. */
function encodeWhole(value: unknown): Int32Array {
  const encoded = encode(value);
  const isAlone = encoded.references.size === 0;
  const words = new Int32Array(writeImage(isAlone ? encoded : encode(copyToShare(value)), 0));
  const fault = faultInLiveRegion(words);
  if (fault !== undefined) {
    throw new QuipeError("not-shareable", `This data fits into no image: ${fault}.`);
  }
  return words;
}

function imageOfWords(words: Int32Array, refuseIfChanged: () => void = () => {}): Image {
  const regionHeader = canonicalHeader(words);
  const hash = new ContentHash();
  hash.add(regionHeader, 0, HEAP_START);
  hash.add(words, HEAP_START, words.length);
  const header = writeHeader({ contentBytes: words.length * 4, contentHash: hash.finish() });
  return { header, regionHeader, words, refuseIfChanged };
}

function* chunksOf({ header, regionHeader, words, refuseIfChanged }: Image): Generator<Uint8Array> {
  yield header;
  yield bytesOf(regionHeader, 0, HEAP_START);
  const step = WRITTEN_AS_ONE / 4;
  for (let start = HEAP_START; start < words.length; start += step) {
    // A copy, since streams and files of some runtimes do not take shared memory.
    yield bytesOf(words, start, Math.min(start + step, words.length)).slice();
  }
  refuseIfChanged();
}

function bytesOf(words: Int32Array, start: number, end: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + start * 4, (end - start) * 4);
}

function inOnePiece(image: Image): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(image.header.length + image.words.length * 4);
  let position = 0;
  for (const chunk of chunksOf(image)) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}

async function writeToStream(stream: WritableStream<Uint8Array>, image: Image): Promise<void> {
  const writer = stream.getWriter();
  try {
    for (const chunk of chunksOf(image)) {
      await writer.ready;
      await writer.write(chunk);
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  } finally {
    writer.releaseLock();
  }
}

async function writeToNode(stream: NodeWritable, image: Image): Promise<void> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // heard of through the race, if there still is one
  stream.once("error", fail);
  try {
    for (const chunk of chunksOf(image)) await Promise.race([written(stream, chunk), failed]);
    await Promise.race([new Promise<void>((resolve) => stream.end(() => resolve())), failed]);
  } finally {
    stream.off("error", fail);
  }
}

function written(stream: NodeWritable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
