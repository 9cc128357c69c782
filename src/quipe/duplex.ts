/**
 * A Node stream over an end: the entry point `quipe/streams`, which the core does not import.
 *
 *   source.pipe ──▶ _write ── send ──▶ ═══ out lane ═══
 *   sink ◀──────── _read ◀─ receive ═══ in lane ═══
 *
 * `Duplex.fromWeb` over the Web Streams of an end would do, but for three things. On Node 20 and 22 it throws in
 * the runtime itself, and so ends the process, if several writes are refused at once. It takes sixteen items
 * ahead. And it takes an item that is null for the end of the stream.
 */
import type { Duplex } from "node:stream";
import type { QuipeError } from "../errors.ts";
import { asBuffer, duplexClass } from "../runtime/node-stream.ts";
import type { End } from "./end.ts";
import {
  type ReceivingEnd,
  type SendingEnd,
  alone,
  failOnceClosed,
  nobodyReceives,
  receiveFrom,
} from "./web-streams.ts";

/** One item is on its way into the lane at a time, and none is taken out before somebody reads. */
const NO_BUFFERS = { objectMode: true, readableHighWaterMark: 0, writableHighWaterMark: 1 };

/**
 * Makes a Node stream of an end, for `pipeline`, `pipe` and whatever else takes one. What is written is sent, what
 * is received can be read; bytes come out as Buffers. Ending it ends what is sent, and answers can still be read.
 * Destroying it before that is an error to the other side, also without one: `peer-failed`.
 *
 * An item that is `null` destroys the stream with a `TypeError`, since to Node it would be the end.
 *
 * @example
 * ```ts
 * import { Readable } from "node:stream";
 * import { pipeline } from "node:stream/promises";
 * import { spawn } from "quipe";
 * import { toDuplex } from "quipe/streams";
 *
 * const doubler = spawn(async () => {
 *   const { current } = await import("quipe");
 *   const end = current<number, number>().quipe;
 *   for await (const n of end) await end.send(n * 2);
 * });
 *
 * await pipeline(Readable.from([1, 2, 3]), toDuplex(doubler.quipe), async (doubled) => {
 *   for await (const n of doubled) console.log(n);
 * });
 * // prints: 2
 * // prints: 4
 * // prints: 6
 * ```
 */
export function toDuplex(end: End<never>): Duplex {
  const givenUp = new AbortController();
  const NodeDuplex = duplexClass();
  const stream = new NodeDuplex({
    ...NO_BUFFERS,
    read: () => void pushNext(end, stream),
    write: (item, _encoding, done) =>
      void answer(end.send(alone(item) as never, { signal: givenUp.signal }), done),
    final(done) {
      end.finish();
      done();
    },
    destroy(error, done) {
      const reason = error ?? new Error("The stream was destroyed before all was written.");
      end.finish(reason); // which changes nothing if it was ended before
      end.leave();
      givenUp.abort(reason);
      done(error);
    },
  });
  failOnceClosed(end.closed, () => end.receive(), { error: (why) => stream.destroy(why as Error) });
  failOnceUnreceived(end.unreceived, stream);
  return stream;
}

async function answer(sent: Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  let failure: Error | null = null;
  try {
    await sent;
  } catch (error) {
    failure = error as Error;
  }
  done(failure);
}

async function pushNext(end: ReceivingEnd<unknown>, stream: Duplex): Promise<void> {
  try {
    const item = await receiveFrom(end);
    stream.push(item === undefined ? null : chunkOf(item.value));
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function chunkOf(item: unknown): unknown {
  if (item === null) {
    throw new TypeError(
      "Expected an item that a Node stream can hold, got null, which would end it. Use end.readable, or send null inside of an object.",
    );
  }
  return item instanceof Uint8Array ? asBuffer(item) : item;
}

/** Not before everything has been read, because an error would keep a Node stream from giving what is there. */
function failOnceUnreceived(unreceived: SendingEnd<never>["unreceived"], stream: Duplex): void {
  let broken: QuipeError | undefined;
  const fail = (): void => {
    if (broken !== undefined && stream.readableEnded && !stream.writableEnded) {
      stream.destroy(broken);
    }
  };
  stream.once("end", fail);
  void unreceived.then((how) => {
    if (how === "aborted") return; // this handle is closed then, and knows why
    broken = nobodyReceives(how);
    fail();
  });
}
