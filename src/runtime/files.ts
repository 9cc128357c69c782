/**
 * Files, for the runtimes that have them: reading into memory that the caller gives, and writing a file
 * so that its name shows either all of it or what was there before.
 *
 *   path.<number>.part ── write, sync ──▶ rename ──▶ path
 */
import type { promises as FilePromises } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { QuipeError } from "../errors.ts";

/** A file that is open for reading, from its beginning on. */
export class SourceFile {
  /** How many bytes it has; undefined for pipes and devices, which do not know. */
  readonly bytes: number | undefined;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, bytes: number | undefined) {
    this.#handle = handle;
    this.bytes = bytes;
  }

  /** Opens the file at `path`. Throws the system's own error if it cannot be opened. */
  static async open(path: string | URL): Promise<SourceFile> {
    const handle = await files().open(path, "r");
    const status = await handle.stat();
    return new SourceFile(handle, status.isFile() ? status.size : undefined);
  }

  /** Reads what comes next into `target`, which may be shared memory; how many bytes, 0 at the end. */
  async read(target: Uint8Array): Promise<number> {
    if (target.length === 0) return 0;
    const { bytesRead } = await this.#handle.read(target, 0, target.length, null);
    return bytesRead;
  }

  /**
   * Reads into `target`, which may be shared memory, from byte `position` on; false if the file ends before
   * it is full. Several such reads may be under way at once.
   */
  async fill(target: Uint8Array, position: number): Promise<boolean> {
    for (let filled = 0; filled < target.length;) {
      const rest = target.length - filled;
      const { bytesRead } = await this.#handle.read(target, filled, rest, position + filled);
      if (bytesRead === 0) return false;
      filled += bytesRead;
    }
    return true;
  }

  /** Closes it. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Names tried for the part file before giving up. */
const ATTEMPTS = 100;

/** Writes `chunks` to `path`. If that fails, also half-way, what was there before is still there. */
export async function writeWholeFile(
  path: string | URL,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const { handle, part } = await openPart(pathText(path));
  try {
    try {
      for (const chunk of chunks) await writeAll(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files().rename(part, path);
  } catch (error) {
    await files().rm(part, { force: true });
    throw error;
  }
}

async function openPart(path: string): Promise<{ handle: FileHandle; part: string }> {
  const { pid } = process;
  for (let attempt = 0; ; attempt++) {
    const part = `${path}.${pid}-${attempt}.part`;
    try {
      return { handle: await files().open(part, "wx"), part };
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written);
    written += bytesWritten;
  }
}

function pathText(path: string | URL): string {
  if (typeof path === "string") return path;
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return fileURLToPath(path);
}

function files(): typeof FilePromises {
  const found = globalThis.process?.getBuiltinModule?.("node:fs");
  if (found === undefined) {
    throw new QuipeError(
      "unsupported",
      "This runtime has no files. Give load() a stream or bytes, and save() a stream.",
    );
  }
  return found.promises;
}
