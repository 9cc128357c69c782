/**
 * Where the results go: a file or standard output, always in whole lines.
 *
 * While one write is under way the next lines gather, and when too many have gathered `write` waits: so a
 * slow reader slows the whole run down, and a fast run needs few system calls. Writes happen off this
 * thread, so Ctrl-C is heard while a reader does not read. A reader that has had enough (`| head`) ends the output
 * without fuss. When a disk is full in the middle of a line, a file of our own is cut back to its last
 * whole line.
 */
import { constants } from "node:fs";
import { fstat, ftruncate, open, write, close } from "node:fs";
import { promisify } from "node:util";
import { CommandError, describeSystemError, errorCode } from "./command-error.ts";

const fileSystem = {
  open: promisify(open),
  close: promisify(close),
  fstat: promisify(fstat),
  ftruncate: promisify(ftruncate),
};

const standardOutput = 1;
const retryMs = 5;
const lineFeed = 0x0a;
const mostUnwritten = 256 * 1024;

/** A destination for lines. */
export class LineOutput {
  readonly #path: string | undefined;
  #descriptor: number | undefined;
  #closed = false;
  #failed: CommandError | undefined;
  #unwritten: string[] = [];
  #unwrittenCharacters = 0;
  #writing: Promise<void> | undefined;
  /** How many bytes of our own file are whole lines. */
  #wholeBytes = 0;

  /** Nothing is opened, and no file is emptied, before the first write. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** What errors call this output. */
  get name(): string {
    return this.#path ?? "standard output";
  }

  /** Opens the output if it is not open yet; empties a file. */
  async open(): Promise<void> {
    if (this.#descriptor !== undefined) return;
    if (this.#path === undefined) {
      this.#descriptor = standardOutput;
      return;
    }
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
      this.#descriptor = await fileSystem.open(this.#path, flags, 0o666);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Writes whole lines; false once nobody reads them any more. Waits while too many are unwritten. */
  async write(lines: string): Promise<boolean> {
    this.#throwFailure();
    if (this.#closed) return false;
    this.#unwritten.push(lines);
    this.#unwrittenCharacters += lines.length;
    this.#writing ??= this.#writeGathered();
    if (this.#unwrittenCharacters > mostUnwritten) await this.#writing;
    this.#throwFailure();
    return !this.#closed;
  }

  /** Resolves when everything is written; throws if it could not be. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Writes until nothing is left. Never rejects. */
  async #writeGathered(): Promise<void> {
    try {
      await this.open();
      while (this.#unwritten.length > 0 && !this.#closed) {
        const bytes = Buffer.from(this.#unwritten.join(""));
        this.#unwritten = [];
        this.#unwrittenCharacters = 0;
        await this.#writeWhole(bytes);
      }
    } catch (error) {
      this.#failed = error instanceof CommandError ? error : this.#failure(error);
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeWhole(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += await writeSome(this.#descriptor ?? standardOutput, bytes.subarray(written));
      } catch (error) {
        if (errorCode(error) !== "EPIPE") {
          await this.#cutBack(bytes.subarray(0, written));
          throw error;
        }
        this.#closed = true;
        return;
      }
    }
    this.#wholeBytes += bytes.length;
  }

  /** Closes a file; some file systems tell of a full disk only now. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#path === undefined || this.#descriptor === undefined) return;
    try {
      await fileSystem.close(this.#descriptor);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#descriptor = undefined;
    }
  }

  async #cutBack(partial: Buffer): Promise<void> {
    if (this.#path === undefined || this.#descriptor === undefined) return;
    const whole = this.#wholeBytes + partial.lastIndexOf(lineFeed) + 1;
    const status = await fileSystem.fstat(this.#descriptor);
    if (status.isFile()) await fileSystem.ftruncate(this.#descriptor, whole);
  }

  #failure(error: unknown): CommandError {
    return new CommandError(`cannot write ${this.name}: ${describeSystemError(error)}.`, {
      cause: error,
    });
  }
}

/** Writes some of the bytes. A pipe that does not block says "not now"; then it is asked again. */
async function writeSome(descriptor: number, bytes: Buffer): Promise<number> {
  try {
    return await new Promise<number>((resolve, reject) => {
      write(descriptor, bytes, 0, bytes.length, null, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  } catch (error) {
    if (errorCode(error) !== "EAGAIN") throw error;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    return 0;
  }
}
