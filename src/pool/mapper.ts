/**
 * What runs inside a mapper task: it says that it is ready, then answers one record after the other.
 *
 *    loop: take a record ─► call the function ─► send its value or its error
 *
 * A function that returns at once is called without touching the event loop as long as records are
 * there; a promise is awaited before the next record is taken, so at most one record is at work.
 * The loop ends when the map closes its end.
 */
import { QuipeError } from "../errors.ts";
import type { MapperJob, MapperReply } from "./mapper-slot.ts";

/** What is called for each record. */
export type RecordFunction = (value: unknown, number: number) => unknown;

/** What a mapper needs of the end of its quipe. */
export interface MapperEnd {
  trySend(reply: MapperReply): boolean;
  send(reply: MapperReply): Promise<void>;
  tryReceive(): { readonly value: MapperJob } | undefined;
  receive(): Promise<MapperJob>;
}

/** Answers records until the other end is closed. */
export async function serveRecords(end: MapperEnd, call: RecordFunction): Promise<void> {
  await end.send(["ready"]);
  for (;;) {
    const job = await nextJob(end);
    if (job === undefined) return;
    let reply = answer(job, call);
    if (reply instanceof Promise) reply = await reply;
    await sendReply(end, reply);
  }
}

async function nextJob(end: MapperEnd): Promise<MapperJob | undefined> {
  try {
    return end.tryReceive()?.value ?? (await end.receive());
  } catch (error) {
    if (error instanceof QuipeError && error.code === "ended") return undefined;
    throw error;
  }
}

function answer(
  [number, value]: MapperJob,
  call: RecordFunction,
): MapperReply | Promise<MapperReply> {
  try {
    const result = call(value, number);
    return isThenable(result) ? answerLater(result) : ["value", result];
  } catch (error) {
    return ["error", error];
  }
}

async function answerLater(result: PromiseLike<unknown>): Promise<MapperReply> {
  try {
    return ["value", await result];
  } catch (error) {
    return ["error", error];
  }
}

/** A value that cannot be sent is its record's error. */
async function sendReply(end: MapperEnd, reply: MapperReply): Promise<void> {
  try {
    if (!end.trySend(reply)) await end.send(reply);
  } catch (error) {
    if (!(error instanceof QuipeError) || error.code !== "not-sendable") throw error;
    await end.send(["error", error]);
  }
}

/** Whether a value must be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
