/**
 * What runs inside a mapper task: it says that it is ready, then answers one record after the other.
 *
 *    loop: take a batch ─► for each record: note begun, call the function, note finished
 *                      └─► send what has gathered: at the end of the batch, or every eight milliseconds
 *
 * Records come and go in batches, since waking a thread costs more than a call of most functions. A
 * slow function is answered record by record all the same, because eight milliseconds have then passed.
 * A promise is awaited before the next record begins. The loop ends when the map closes its end.
 */
import { QuipeError } from "../errors.ts";
import { noteBegun, noteFinished } from "./mapper-progress.ts";

/** A run of records: the number of the first, and their values. */
export type MapperBatch = readonly [firstNumber: number, values: readonly unknown[]];

/** What a mapper says: it is ready, or what became of the next records. */
export type MapperReply =
  | readonly ["ready"]
  | readonly ["values", readonly unknown[]]
  | readonly ["error", unknown];

/** What is called for each record. */
export type RecordFunction = (value: unknown, number: number) => unknown;

/** What a mapper needs of the end of its quipe. */
export interface MapperEnd {
  trySend(reply: MapperReply): boolean;
  send(reply: MapperReply): Promise<void>;
  tryReceive(): { readonly value: MapperBatch } | undefined;
  receive(): Promise<MapperBatch>;
}

const gatherMs = 8;
const gatherCharacters = 65_536;

/** Answers records until the other end is closed. */
export async function serveRecords(
  end: MapperEnd,
  progress: Int32Array,
  call: RecordFunction,
): Promise<void> {
  const replies = new GatheredReplies(end);
  await end.send(["ready"]);
  for (;;) {
    const batch = await nextBatch(end);
    if (batch === undefined) return;
    const [firstNumber, values] = batch;
    for (let i = 0; i < values.length; i++) {
      noteBegun(progress);
      let answer = answerOf(call, values[i], firstNumber + i);
      if (answer instanceof Promise) answer = await answer;
      noteFinished(progress);
      const sent = replies.add(answer);
      if (sent !== undefined) await sent;
    }
    await replies.flush();
  }
}

type Answer = { readonly value: unknown } | { readonly error: unknown };

/** Values on their way; an error goes by itself, right after the values before it. */
class GatheredReplies {
  readonly #end: MapperEnd;
  #values: unknown[] = [];
  #characters = 0;
  #sinceMs = 0;

  constructor(end: MapperEnd) {
    this.#end = end;
  }

  add(answer: Answer): Promise<void> | undefined {
    if ("error" in answer) return this.#addError(answer.error);
    if (this.#values.length === 0) this.#sinceMs = performance.now();
    this.#values.push(answer.value);
    if (typeof answer.value === "string") this.#characters += answer.value.length;
    const waited = performance.now() - this.#sinceMs >= gatherMs;
    return waited || this.#characters >= gatherCharacters ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#values.length === 0) return;
    const values = this.#values;
    this.#values = [];
    this.#characters = 0;
    if (await this.#trySend(["values", values])) return;
    for (const value of values) await this.#sendAlone(value);
  }

  async #addError(error: unknown): Promise<void> {
    await this.flush();
    if (!(await this.#trySend(["error", error]))) await this.#sendUnsendable(error);
  }

  /** One of several values cannot be sent; that one becomes its record's error. */
  async #sendAlone(value: unknown): Promise<void> {
    try {
      await this.#end.send(["values", [value]]);
    } catch (error) {
      if (!isNotSendable(error)) throw error;
      await this.#end.send(["error", error]);
    }
  }

  /** What was thrown cannot be sent as it is; that it was thrown must not be lost. */
  async #sendUnsendable(thrown: unknown): Promise<void> {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : typeof thrown;
    await this.#end.send(["error", new Error(`The function threw what cannot be sent: ${text}`)]);
  }

  /** False if the reply cannot be sent at all; then nothing was. */
  async #trySend(reply: MapperReply): Promise<boolean> {
    try {
      if (!this.#end.trySend(reply)) await this.#end.send(reply);
      return true;
    } catch (error) {
      if (!isNotSendable(error)) throw error;
      return false;
    }
  }
}

async function nextBatch(end: MapperEnd): Promise<MapperBatch | undefined> {
  try {
    return end.tryReceive()?.value ?? (await end.receive());
  } catch (error) {
    if (error instanceof QuipeError && error.code === "ended") return undefined;
    throw error;
  }
}

function answerOf(call: RecordFunction, value: unknown, number: number): Answer | Promise<Answer> {
  try {
    const result = call(value, number);
    return isThenable(result) ? answerLater(result) : { value: result };
  } catch (error) {
    return { error };
  }
}

async function answerLater(result: PromiseLike<unknown>): Promise<Answer> {
  try {
    return { value: await result };
  } catch (error) {
    return { error };
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

function isNotSendable(error: unknown): boolean {
  return error instanceof QuipeError && error.code === "not-sendable";
}
