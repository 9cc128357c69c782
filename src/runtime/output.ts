/**
 * What a worker thread prints, straight into the descriptors of the process.
 *
 * In Node and Bun a worker's `process.stdout` posts each chunk to the thread that started it, whose event loop
 * has to pass it on: it is late while that thread blocks, and lost when the process or the thread ends first.
 * Here the chunk has left the process when `write` returns, so no way to end loses any of it. In Deno it is so
 * by nature.
 */
import type { Writable } from "node:stream";
import { wait } from "./atomics.ts";
import { runtimeName } from "./host.ts";

interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding | "buffer";
}

type WriteSync = (descriptor: number, bytes: Uint8Array, offset: number) => number;
type WriteCallback = (error?: Error | null) => void;

/** How long a full pipe is left alone before it is tried again. */
const FULL_PIPE_MS = 2;

/** Makes this worker thread print by itself. To be called before anything is printed. */
export function printDirectly(): void {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  if (runtimeName() === "deno" || fs === undefined) return;
  const writeSync: WriteSync = (descriptor, bytes, offset) =>
    fs.writeSync(descriptor, bytes, offset);
  direct(process.stdout, 1, writeSync);
  direct(process.stderr, 2, writeSync);
}

/** False if somebody has ended one of the streams, so that the next task on this thread could not print. */
export function canPrint(): boolean {
  if (runtimeName() === "browser") return true;
  return process.stdout.writable && process.stderr.writable;
}

function direct(stream: Writable, descriptor: number, writeSync: WriteSync): void {
  const print = (chunks: readonly Chunk[], done: WriteCallback): void => {
    try {
      for (const { chunk, encoding } of chunks)
        writeAll(descriptor, bytesOf(chunk, encoding), writeSync);
    } catch (error) {
      return done(isUnread(error) ? null : (error as Error));
    }
    done();
  };
  stream._writev = print;
  stream._write = (chunk: Chunk["chunk"], encoding, done) => print([{ chunk, encoding }], done);
}

function bytesOf(chunk: Uint8Array | string, encoding: Chunk["encoding"]): Uint8Array {
  if (typeof chunk !== "string") return chunk;
  return Buffer.from(chunk, encoding === "buffer" ? "utf8" : encoding);
}

/** The descriptor of a pipe may be one that does not wait, if the main thread uses it too; then this does. */
function writeAll(descriptor: number, bytes: Uint8Array, writeSync: WriteSync): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
}

/** Nobody reads it any more: what is printed then goes nowhere, and is no failure of the task that prints. */
function isUnread(error: unknown): boolean {
  return ["EPIPE", "EBADF"].includes(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
