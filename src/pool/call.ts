/**
 * One call on its way through a pool: encoded when it is made, so that what the caller does to the arguments
 * afterwards changes nothing, and kept until it has its outcome, so that another worker can have it.
 *
 *   waits in the pool ──▶ with a worker ──▶ begun ──▶ settled, exactly once
 *          ▲                   │
 *          └──── withdrawn ◄───┘  it had not begun
 */
import { QuipeError } from "../errors.ts";
import { comeBack } from "../memory/travellers.ts";
import { toMovingParcel } from "../quipe/parcels.ts";
import { joinStacks } from "../quipe/stacks.ts";
import type { Item } from "../quipe/unsent.ts";
import type { Entry } from "../sync/messages.ts";
import { type Contexts, NO_CONTEXTS, contextsHere } from "../task/context.ts";
import { toldByName } from "../task/handed-names.ts";
import { type NotedSite, framesOfCall } from "./call-sites.ts";
import type { CallRequest } from "./server.ts";

/** A function as a pool knows it: workers are told once, then it is a number. */
export interface PooledFunction {
  readonly number: number;
  readonly name: string;
  readonly entry: Entry;
  /** What the code at `entry` is called with to make the function; nothing if it is the function. */
  readonly making: readonly unknown[] | undefined;
}

/** How long a call on a {@link pool}, or of a {@link map}, may take. */
export interface CallLimits {
  /** Milliseconds from when it begins, kept to within some 20 ms. After that it is stopped and fails with `timed-out`. */
  readonly timeoutMs?: number | undefined;
  /** How long it may go on after it was asked to stop, before its thread is killed; 100 unless said otherwise. */
  readonly graceMs?: number | undefined;
}

/** Who counts calls that come to their end. */
export interface Tally {
  settled(call: Call, succeeded: boolean): void;
}

/** A call that was asked to stop has so long to do it, unless said otherwise. */
const GRACE_MS = 100;

/** One call. */
export abstract class Call {
  readonly fn: PooledFunction;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  /** Why it was asked to stop: what it fails with, however it ends. */
  stopReason: { readonly error: unknown } | undefined;
  tally: Tally | undefined;
  graceTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #contexts: Contexts;
  #item: Item | undefined;
  #wasSent = false;
  #isSettled = false;

  /** `contexts` is the async context that the function is called in. */
  constructor(
    fn: PooledFunction,
    { timeoutMs, graceMs = GRACE_MS }: CallLimits,
    contexts: Contexts = NO_CONTEXTS,
  ) {
    this.fn = fn;
    this.#contexts = contexts;
    this.timeoutMs = timeoutMs;
    this.graceMs = graceMs;
  }

  /** What the call is called in errors. */
  abstract get label(): string;

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether it moves something, so that it can be sent only once. */
  get moves(): boolean {
    return this.#item !== undefined && this.#item.moves.length > 0;
  }

  /** Whether what it moved is gone with a worker that it was sent to. */
  get isSpent(): boolean {
    return this.#wasSent && this.moves;
  }

  /** The call as a message. Throws what `encode` throws. */
  message(): Item {
    return (this.#item ??= encoded(this.#request()));
  }

  #request(): CallRequest {
    const request = [this.fn.number, this.arguments()] as const;
    return this.#contexts === NO_CONTEXTS ? request : [...request, this.#contexts];
  }

  /** It is in a worker's lane. */
  sent(): void {
    this.#wasSent = true;
  }

  succeed(value: unknown): void {
    if (this.stopReason !== undefined) return this.fail(value);
    if (this.#settle(true)) this.succeeded(value);
  }

  /** Fails with `error`, or with the reason for which it was asked to stop. */
  fail(error: unknown): void {
    if (!this.#settle(false)) return;
    if (!this.#wasSent) comeBack(this.#item?.moves ?? []);
    this.failed(this.stopReason === undefined ? error : this.stopReason.error);
  }

  protected abstract arguments(): readonly unknown[] | undefined;
  protected abstract succeeded(value: unknown): void;
  protected abstract failed(error: unknown): void;

  #settle(succeeded: boolean): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    if (this.graceTimer !== undefined) clearTimeout(this.graceTimer);
    this.tally?.settled(this, succeeded);
    return true;
  }
}

/** Has a worker load a function, so that it is known early whether that can be done. */
export class LoadCall extends Call {
  readonly #settled: (failure: { readonly error: unknown } | undefined) => void;

  constructor(
    fn: PooledFunction,
    settled: (failure: { readonly error: unknown } | undefined) => void,
  ) {
    super(fn, {});
    this.#settled = settled;
  }

  get label(): string {
    return `Loading "${this.fn.name}"`;
  }

  protected arguments(): undefined {
    return undefined;
  }

  protected succeeded(): void {
    this.#settled(undefined);
  }

  protected failed(error: unknown): void {
    this.#settled({ error });
  }
}

/** A call of `run`: its outcome settles a promise. */
export class RunCall extends Call {
  readonly result: Promise<unknown>;
  readonly #site: NotedSite;
  readonly #args: readonly unknown[];
  #resolve: (value: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** Encodes the arguments at once. Throws `not-sendable` or `moved`, and then nothing has happened. */
  constructor(
    fn: PooledFunction,
    args: readonly unknown[],
    { limits, site }: { readonly limits: CallLimits; readonly site: NotedSite },
  ) {
    super(fn, limits, contextsHere());
    this.#args = args;
    this.#site = site;
    this.message();
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get label(): string {
    return `The call of "${this.fn.name}"`;
  }

  protected arguments(): readonly unknown[] {
    return this.#args;
  }

  protected succeeded(value: unknown): void {
    this.#resolve(value);
  }

  protected failed(error: unknown): void {
    this.#reject(this.stopReason === undefined ? this.#joined(error) : error);
  }

  /** One trace: what happened in the call, then who made it. */
  #joined(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    joinStacks(error, this.fn.name, framesOfCall(this.#site));
    return error;
  }
}

/** The error of a call whose time is over. */
export function tooSlow({ label, timeoutMs }: Call): QuipeError {
  return new QuipeError("timed-out", `${label} took longer than ${timeoutMs} ms; it was stopped.`);
}

function encoded(request: CallRequest): Item {
  try {
    const { parcel, keeps, moves } = toMovingParcel(request);
    return { bytes: new Uint8Array(parcel.bytes), carries: parcel.carries, keeps, moves };
  } catch (error) {
    comeBack(toMovingParcel(request[1]).moves); // refused with the path as the caller knows it
    throw toldByName(error, "$[2]", "context");
  }
}
