/**
 * What runs inside a worker of a pool: it takes one call after the other, and answers each before it takes the next.
 *
 *    pool ── define · call · resume ──▶ [ take ─► begin ─► load once ─► call ─► reply ] ── ready · value · error ──▶ pool
 *
 * Invariants
 *   - A call begins only by `beginCall`; one that was withdrawn is dropped without a word, and so is everything
 *     behind it up to `resume`.
 *   - Each begun call has exactly one reply, in the order in which they began, and the reply is in the lane before
 *     the next call begins. So when this thread dies, at most the last call that has begun is unanswered.
 *   - Nothing is taken from the lane while a call is at work: what waits there can be given to another worker.
 */
import { QuipeBug } from "../errors.ts";
import { isEndOfLane } from "../quipe/end-errors.ts";
import { comeBack } from "../memory/travellers.ts";
import { failureIn, failureParcel } from "../quipe/failures.ts";
import { toMovingParcel } from "../quipe/parcels.ts";
import { nextTurn, openResources, seesOpenResources } from "../runtime/host.ts";
import type { Entry } from "../sync/messages.ts";
import { type Contexts, NO_CONTEXTS, runInContexts } from "../task/context.ts";
import { beginCall, resumeCalls } from "./call-words.ts";

/** The kinds of requests that are no call. */
export const DEFINE = -1;
/** What was withdrawn ends here. */
export const RESUME = -2;
/** A function will not be called any more. */
export const FORGET = -3;

/** Gives a function a number. With `making`, what is loaded makes the function when it is called with that. */
export type Definition = readonly [
  kind: typeof DEFINE,
  fn: number,
  name: string,
  entry: Entry,
  making: readonly unknown[] | undefined,
];

/**
 * A call of a function by its number, which is not negative, in an async context, if there is any; without arguments
 * the function is only loaded.
 */
export type CallRequest = readonly [
  fn: number,
  args: readonly unknown[] | undefined,
  contexts?: Contexts,
];

/** What a pool sends to a worker. */
export type Request =
  | CallRequest
  | Definition
  | readonly [kind: typeof RESUME]
  | readonly [kind: typeof FORGET, fn: number];

/** The worker takes calls from now on; again after each `resume`. */
export const READY = 0;
/** What the next call returned. */
export const VALUE = 1;
/** What the next call threw. */
export const ERROR = 2;
/** The worker's heap has grown beyond its limit. */
export const FULL = 3;

/** What a worker sends to its pool. */
export type Reply =
  | readonly [kind: typeof READY]
  | readonly [kind: typeof VALUE, value: unknown]
  | readonly [kind: typeof ERROR, error: unknown]
  | readonly [kind: typeof FULL];

/** What a server needs of the end that leads to its pool. */
export interface ServerEnd {
  trySend(reply: Reply): boolean;
  send(reply: Reply): Promise<void>;
  tryReceive(): { readonly value: Request } | undefined;
  receive(): Promise<Request>;
  awaitItemSync(timeoutMs: number): boolean;
}

/** What a server needs besides. */
export interface ServerParts {
  readonly end: ServerEnd;
  readonly words: Int32Array;
  /** Loads a function's code on this thread. */
  readonly load: (entry: Entry) => Promise<ServedFunction>;
  /** Called when a call begins and, with nothing, when it has ended. */
  readonly show: (call: { readonly number: number; readonly name: string } | undefined) => void;
  /** Whether the heap has grown beyond its limit; asked between calls. */
  readonly isFull: () => boolean;
}

/** A function that calls may name. */
export type ServedFunction = (...args: never[]) => unknown;

interface KnownFunction {
  readonly name: string;
  readonly entry: Entry;
  readonly making: readonly unknown[] | undefined;
  call: ServedFunction | undefined;
}

/** After so many calls in a row, timers, sockets and stray rejections get their turn. */
const CALLS_PER_TURN = 64;
/** And after so long: how long this thread may sleep outside of its event loop. */
const NAP_MS = 5;

/** Answers calls until the pool closes its end. */
export async function serveCalls(parts: ServerParts): Promise<void> {
  try {
    await new CallServer(parts).serve();
  } catch (error) {
    if (!isEndOfLane(error)) throw error;
  }
}

class CallServer {
  readonly #parts: ServerParts;
  readonly #end: ServerEnd;
  readonly #functions = new Map<number, KnownFunction>();
  /** What was open before the first call; undefined if this thread should not sleep outside of its event loop. */
  readonly #idleResources: number | undefined = seesOpenResources() ? openResources() : undefined;
  #isFull = false;
  /** The last call was awaited, so its function is one of those that leave something behind. */
  #wasAsync = false;
  #turnedAtMs = performance.now();

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#end = parts.end;
  }

  async serve(): Promise<void> {
    await this.#end.send([READY]);
    for (let turn = 1; ; turn++) {
      const acting = this.#serveNext();
      if (acting !== undefined) await acting;
      if (turn % CALLS_PER_TURN === 0) await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    await nextTurn();
    this.#noteTurn();
  }

  #noteTurn(): void {
    this.#wasAsync = false;
    this.#turnedAtMs = performance.now();
  }

  /** Does the next thing; nothing is left to await after most calls. */
  #serveNext(): Promise<void> | undefined {
    try {
      const request = this.#end.tryReceive();
      return request === undefined ? this.#serveLater() : this.#act(request.value);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /**
   * Waits for the next request. Who makes one call after the other is answered sooner by a thread that blocks than
   * by one that listens in its event loop, so it blocks for a moment, if nothing of its own is open and what the
   * last call may have left behind has had a turn.
   */
  #serveLater(): Promise<void> | undefined {
    if (this.#idleResources === undefined || openResources() > this.#idleResources)
      return this.#listen();
    const napMs = this.#turnedAtMs + NAP_MS - performance.now();
    if (this.#wasAsync || napMs <= 0) return this.#turn();
    return this.#end.awaitItemSync(napMs) ? undefined : this.#listen();
  }

  async #listen(): Promise<void> {
    let request: Request;
    try {
      request = await this.#end.receive();
    } catch (error) {
      return this.#refused(error);
    } finally {
      this.#noteTurn();
    }
    await this.#act(request);
  }

  /** Arguments that cannot be had here are their call's error. */
  #refused(error: unknown): Promise<void> | undefined {
    if (isEndOfLane(error)) throw error;
    return beginCall(this.#parts.words) === undefined ? undefined : this.#failed(error);
  }

  #act(request: Request): Promise<void> | undefined {
    const [kind] = request;
    if (kind >= 0) return this.#begin(request as CallRequest);
    switch (kind) {
      case DEFINE:
        this.#define(request as Definition);
        return undefined;
      case FORGET:
        this.#functions.delete(request[1] as number);
        return undefined;
      default:
        resumeCalls(this.#parts.words);
        return this.#end.send([READY]);
    }
  }

  #define([, fn, name, entry, making]: Definition): void {
    this.#functions.set(fn, { name, entry, making, call: undefined });
  }

  #begin([fn, args, contexts = NO_CONTEXTS]: CallRequest): Promise<void> | undefined {
    const number = beginCall(this.#parts.words);
    if (number === undefined) return undefined;
    const definition = this.#functions.get(fn);
    if (definition === undefined) throw new QuipeBug(`a call of function ${fn}, which is unknown`);
    this.#parts.show({ number, name: definition.name });
    if (definition.call === undefined || args === undefined)
      return this.#loadAndCall(definition, args, contexts);
    return this.#call(definition.call, args, contexts);
  }

  async #loadAndCall(
    definition: KnownFunction,
    args: readonly unknown[] | undefined,
    contexts: Contexts,
  ): Promise<void> {
    try {
      definition.call ??= await this.#loaded(definition);
    } catch (error) {
      return this.#failed(error);
    }
    if (args === undefined) return this.#returned(undefined);
    return this.#call(definition.call, args, contexts);
  }

  async #loaded({ entry, making }: KnownFunction): Promise<ServedFunction> {
    const code = await this.#parts.load(entry);
    if (making === undefined) return code;
    return (await code(...(making as never[]))) as ServedFunction;
  }

  #call(
    fn: ServedFunction,
    args: readonly unknown[],
    contexts: Contexts,
  ): Promise<void> | undefined {
    let result: unknown;
    try {
      if (contexts === NO_CONTEXTS) result = fn(...(args as never[]));
      else result = runInContexts(contexts, () => fn(...(args as never[])));
    } catch (error) {
      return this.#failed(error);
    }
    return isThenable(result) ? this.#callLater(result) : this.#returned(result);
  }

  async #callLater(result: PromiseLike<unknown>): Promise<void> {
    this.#wasAsync = true;
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      return this.#failed(error);
    }
    return this.#returned(value);
  }

  /** A value that cannot be sent is its call's error. */
  #returned(value: unknown): Promise<void> | undefined {
    this.#parts.show(undefined);
    try {
      if (this.#end.trySend([VALUE, value])) return this.#called();
    } catch (error) {
      if (isEndOfLane(error)) throw error;
      return this.#failed(refusalOf(value) ?? error);
    }
    return this.#sendLater([VALUE, value]);
  }

  #failed(error: unknown): Promise<void> {
    this.#parts.show(undefined);
    return this.#sendLater([ERROR, sendable(error)]);
  }

  async #sendLater(reply: Reply): Promise<void> {
    await this.#end.send(reply);
    await this.#called();
  }

  #called(): Promise<void> | undefined {
    if (this.#isFull || !this.#parts.isFull()) return undefined;
    this.#isFull = true;
    return this.#end.send([FULL]);
  }
}

/** Why a value cannot be sent, with the path as whoever returned it knows it; undefined if it can. */
function refusalOf(value: unknown): unknown {
  try {
    comeBack(toMovingParcel(value).moves);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What was thrown, or what can be said of it: that something was must not be lost. */
function sendable(thrown: unknown): unknown {
  return failureIn(failureParcel(thrown));
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
