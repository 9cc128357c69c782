/**
 * Web Streams over an end. They keep nothing of their own, so the lane is the only buffer, and its bound is
 * what holds a fast writer back.
 *
 *   writer.write ──▶ WritableStream ── send ──▶ ═══ out lane ═══     a write is done when the item is in the lane
 *   reader.read  ◀── ReadableStream ◀─ receive ═══ in lane ═══       an item is taken when somebody asks for it
 *
 * The two directions end apart, as those of a socket do: closing or aborting the writable ends what this handle
 * sends, cancelling the readable ends what it receives, and neither touches the other lane. Errors still go
 * upstream, because whoever sends into a lane that nobody receives from is told `broken`.
 */
import { QuipeError } from "../errors.ts";
import { SharedNumbers } from "../memory/shared-bytes.ts";
import type { WaitOptions } from "../sync/wait.ts";
import { isNodeBuffer } from "./brands.ts";
import { classNameOf, keepHere } from "./sendable.ts";

/** What a readable stream needs of an end. */
export interface ReceivingEnd<In> {
  receive(): Promise<In>;
  /** Receives no more, and still sends; if nobody else receives, the other side's sends are `broken`. */
  leave(): boolean;
  /** Resolves once this handle is closed, moved or aborted: from then on `receive` rejects at once. */
  readonly closed: Promise<void>;
}

/** What a writable stream needs of an end. */
export interface SendingEnd<Out> {
  send(item: Out, options?: WaitOptions): Promise<void>;
  /** Sends no more, and still receives. The other side hears that this was all, or of the error. */
  finish(error?: unknown): boolean;
  /** Resolves once this handle is closed, moved or aborted: from then on `send` rejects at once. */
  readonly closed: Promise<void>;
  /** Resolves once nobody will receive any more what is sent here, with how that came. */
  readonly unreceived: Promise<"closed" | "failed" | "killed" | "aborted">;
}

/** Nothing is taken out of the lane before somebody reads: it would be lost for everyone else. */
const NOTHING_AHEAD = { highWaterMark: 0 };
/** The least with which a writer is ever told that it may write. More would be a second buffer before the lane. */
const ONE_AT_A_TIME = { highWaterMark: 1 };

const readables = new WeakMap<object, ReadableStream>();
const byteStreams = new WeakMap<object, ReadableStream<Uint8Array>>();
const writables = new WeakMap<object, WritableStream>();

/** The stream of what the end receives; the same each time. */
export function readableOf<In>(end: ReceivingEnd<In>): ReadableStream<In> {
  return kept<ReadableStream>(readables, end, () => makeReadable(end));
}

/** The stream of the bytes that the end receives, which also fills the buffers of `byob` readers; the same each time. */
export function readableBytesOf(end: ReceivingEnd<unknown>): ReadableStream<Uint8Array> {
  return kept(byteStreams, end, () => makeByteStream(end));
}

/** The stream into what the end sends; the same each time. */
export function writableOf<Out>(end: SendingEnd<Out>): WritableStream<Out> {
  return kept<WritableStream>(writables, end, () => makeWritable(end));
}

function kept<Stream extends object>(
  streams: WeakMap<object, Stream>,
  end: object,
  make: () => Stream,
): Stream {
  const known = streams.get(end);
  if (known !== undefined) return known;
  const stream = make();
  streams.set(end, stream);
  keepHere(
    stream,
    "it is a stream over an end, and streams belong to one thread. Send the end, and use its stream there.",
  );
  return stream;
}

function makeReadable<In>(end: ReceivingEnd<In>): ReadableStream<In> {
  return new ReadableStream<In>(
    {
      start: (controller) => failOnceClosed(end.closed, () => end.receive(), controller),
      async pull(controller) {
        const item = await receiveFrom(end);
        if (item === undefined) controller.close();
        else controller.enqueue(item.value);
      },
      cancel: () => void end.leave(),
    },
    NOTHING_AHEAD,
  );
}

function makeByteStream(end: ReceivingEnd<unknown>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: "bytes",
      start: (controller) => failOnceClosed(end.closed, () => end.receive(), controller),
      async pull(controller) {
        const bytes = await receiveBytes(end);
        if (bytes !== undefined) return controller.enqueue(bytes);
        controller.close();
        controller.byobRequest?.respond(0); // gives the reader its buffer back
      },
      cancel: () => void end.leave(),
    },
    NOTHING_AHEAD,
  );
}

function makeWritable<Out>(end: SendingEnd<Out>): WritableStream<Out> {
  return new WritableStream<Out>(
    {
      start(controller) {
        failOnceClosed(end.closed, () => end.send(undefined as Out), controller);
        failOnceUnreceived(end.unreceived, controller);
      },
      async write(item, controller) {
        try {
          await end.send(alone(item), { signal: givenUpBy(controller) });
        } catch (error) {
          end.finish(error); // nothing will follow, and who receives must not wait for it
          throw error;
        }
      },
      close: () => void end.finish(),
      abort: (reason: unknown) =>
        void end.finish(reason ?? new Error("What it sent was given up.")),
    },
    ONE_AT_A_TIME,
  );
}

/**
 * The next item; undefined once the other side has ended cleanly, which is the only way for a stream to end well.
 * After any other error nothing more is received, and who sends must not wait for it.
 */
export async function receiveFrom<In>(end: ReceivingEnd<In>): Promise<{ value: In } | undefined> {
  try {
    return { value: await end.receive() };
  } catch (error) {
    if (error instanceof QuipeError && error.code === "ended") return undefined;
    end.leave();
    throw error;
  }
}

/** The next bytes, in a buffer that may be transferred. Empty items are passed over: a byte stream has no such chunks. */
async function receiveBytes(
  end: ReceivingEnd<unknown>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (;;) {
    const item = await receiveFrom(end);
    if (item === undefined) return undefined;
    const bytes = bytesIn(item.value);
    if (bytes === undefined) {
      const refusal = notBytes(item.value);
      end.leave();
      throw refusal;
    }
    if (bytes.length > 0) return bytes;
  }
}

function bytesIn(item: unknown): Uint8Array<ArrayBuffer> | undefined {
  const bytes: unknown = item instanceof SharedNumbers ? item.toArray() : item;
  if (!(bytes instanceof Uint8Array)) return undefined;
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes); // shared memory is for all who have it, and cannot be transferred
}

function notBytes(item: unknown): TypeError {
  const kind =
    typeof item === "object" && item !== null
      ? `an instance of ${classNameOf(Object.getPrototypeOf(item))}`
      : `a value of type ${item === null ? "null" : typeof item}`;
  return new TypeError(
    `Expected each item of a byte stream to be a Uint8Array, got ${kind}. Use end.readable for items of any kind.`,
  );
}

/** A part of a larger buffer goes without the rest of it, which an item that is sent directly takes along. */
export function alone<Item>(item: Item): Item {
  if (!(item instanceof Uint8Array)) return item;
  const { buffer, byteLength } = item;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength === byteLength) return item;
  return isNodeBuffer(item) ? item : (new Uint8Array(item) as Uint8Array & Item);
}

/** Aborted as soon as the stream is, so that an item that still waits for room is not sent. Node's types do not know it. */
function givenUpBy(controller: WritableStreamDefaultController): AbortSignal | undefined {
  return (controller as { readonly signal?: AbortSignal }).signal;
}

/** Errors a stream also while nobody reads or writes. `attempt` is what rejects, with the reason, on a closed handle. */
export function failOnceClosed(
  closed: Promise<void>,
  attempt: () => Promise<unknown>,
  controller: { error(reason: unknown): void },
): void {
  closed.then(attempt).catch((error: unknown) => controller.error(error));
}

function failOnceUnreceived(
  unreceived: SendingEnd<unknown>["unreceived"],
  controller: WritableStreamDefaultController,
): void {
  void unreceived.then((how) => {
    if (how !== "aborted") controller.error(nobodyReceives(how)); // else this handle is closed too, and knows why
  });
}

const HOW_GONE = {
  closed: "it was closed there.",
  failed: "the task there failed.",
  killed: "the task there was killed.",
};

/** Why nothing more can be written, before anything is tried. */
export function nobodyReceives(how: keyof typeof HOW_GONE): QuipeError {
  return new QuipeError(
    "broken",
    `Nobody is left at the other end to receive what is written: ${HOW_GONE[how]}`,
  );
}
