/**
 * Request and reply over an end: a question goes with an end of a quipe of its own, by which the answer comes back.
 *
 *   asker ── QuipeRequest { value, replyTo } ──▶ whoever receives it
 *     └◀═══════════ a small quipe ═══════════◀── reply [ answer, replyTo ] · fail
 *
 * The end comes back with the answer, so the quipe serves the next request: making one known to another thread takes
 * longer than all the rest.
 *
 * So nothing new is needed for what may go wrong: whoever has the request closes or drops it, fails or is killed, and
 * the asker's end of that quipe says so; the asker gives up, and a reply finds nobody.
 */
import { QuipeError } from "../errors.ts";
import { registerClass } from "../memory/classes.ts";
import type { Sent } from "../memory/shareable.ts";
import { nowMs } from "../sync/deadline.ts";
import type { WaitOptions } from "../sync/wait.ts";
import type { End } from "./end.ts";

/** What a quipe for one answer is made of; what is larger goes apart. */
export const ANSWER_SIZE = { capacity: 2, maxBytes: 256 } as const;

/** In front of the error of a request that was failed on purpose. */
const FAILED = "failed";

type Answer = readonly [value: unknown, replyTo: End] | typeof FAILED;

/** The two ends of a quipe for an answer: the asker's, and the one that goes with the request. */
type Pair = readonly [mine: End, theirs: End];

/** Quipes that have brought an answer, by the end that was asked over. */
const spares = new WeakMap<End, Pair[]>();
/** One is 35 KB. */
const MOST_SPARES = 64;

const answered = new WeakSet<QuipeRequest>();

/** What is asked by an item that an end sends. */
export type AskedBy<Item> = Item extends QuipeRequest<infer Value, infer _Reply> ? Value : unknown;

/** What answers an item that an end sends. */
export type ReplyTo<Item> = Item extends QuipeRequest<infer _Value, infer Reply> ? Reply : unknown;

/**
 * A question that came over an end: see {@link End.request}. Answer it once, by `reply` or `fail`; it may be sent on to
 * another task, which answers then. Whoever closes it, drops it, ends or dies without an answer lets the asker know.
 *
 * @example
 * ```ts
 * import { type End, type QuipeRequest, quipe, spawn } from "quipe";
 *
 * type Question = QuipeRequest<string, number>;
 * const [ask, serve] = quipe<Question, never>();
 * const server = spawn(async (end: End<never, Question>) => {
 *   for await (const question of end) question.reply(question.value.length);
 * }, [serve]);
 * console.log(await ask.request("how long?", { timeoutMs: 5000 })); // 9
 * ask.close();
 * await server.result;
 * ```
 */
export class QuipeRequest<Value = unknown, Reply = unknown> {
  /** What is asked. */
  readonly value: Value;
  /** Leads to the asker. @internal */
  readonly replyTo: End;

  /** Requests come from `end.request` and messages; there is nothing to construct. */
  constructor(value: Value, replyTo: End) {
    this.value = value;
    this.replyTo = replyTo;
  }

  /**
   * Answers. False if the asker waits no longer. Throws `not-sendable`, and then it can still be answered; `closed` if
   * it was answered before, `moved` if it was sent on. Never waits.
   */
  reply<Item>(answer: Sent<Reply, Item>): boolean {
    const { replyTo } = this;
    if (answered.has(this)) throw answeredError();
    const isHeard = tell(replyTo, [answer, replyTo]);
    if (isHeard) answered.add(this);
    else replyTo.close();
    return isHeard;
  }

  /** Answers with an error, which the asker's `request` throws as it is. As {@link reply} in all else. */
  fail(error: unknown): boolean {
    const { replyTo } = this;
    if (answered.has(this)) throw answeredError();
    if (!tell(replyTo, FAILED)) return replyTo.close() && false;
    return replyTo.close(error ?? new QuipeError("peer-failed", "The request failed."));
  }

  /** Answers nothing: the asker gets `broken`. False if it was answered or sent on. */
  close(): boolean {
    return this.replyTo.close();
  }

  /** Closes it; for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** False if the asker waits no longer. */
function tell(replyTo: End, answer: unknown): boolean {
  try {
    return replyTo.trySend(answer);
  } catch (thrown) {
    if (thrown instanceof QuipeError && thrown.code === "broken") return false;
    throw thrown;
  }
}

function answeredError(): QuipeError {
  return new QuipeError("closed", "This request was answered before.");
}

/** Makes requests known to messages on this thread. */
export function letRequestsTravel(): void {
  registerClass(QuipeRequest, "quipe.Request");
}

/** Asks over `end`; `makePair` makes the quipe for the answer, if there is none to spare. */
export async function ask(
  end: End,
  value: unknown,
  makePair: () => Pair,
  options: WaitOptions,
): Promise<unknown> {
  const [mine, theirs] = spares.get(end)?.pop() ?? makePair();
  const { timeoutMs, signal } = options;
  const until = timeoutMs === undefined ? undefined : nowMs() + timeoutMs;
  let isFailed = false;
  try {
    await end.send(new QuipeRequest(value, theirs), options);
    const left = until === undefined ? undefined : Math.max(0, until - nowMs());
    const answer = (await mine.receive({ timeoutMs: left, signal })) as Answer;
    if (answer !== FAILED) {
      keep(end, [mine, answer[1]]);
      return answer[0];
    }
    isFailed = true;
    return await mine.receive(); // which throws the error
  } catch (error) {
    closeBoth([mine, theirs]); // the latter if it was not sent
    throw explained(error, isFailed);
  }
}

function keep(end: End, pair: Pair): void {
  const kept = spares.get(end) ?? keepFor(end);
  if (kept.length < MOST_SPARES) kept.push(pair);
  else closeBoth(pair);
}

/** Nothing is kept for an end that is closed or moved. */
function keepFor(end: End): Pair[] {
  const kept: Pair[] = [];
  spares.set(end, kept);
  const ends = new WeakRef(end);
  void end.closed.then(() => {
    const gone = ends.deref();
    if (gone !== undefined) spares.delete(gone);
    kept.forEach(closeBoth);
  });
  return kept;
}

function closeBoth([mine, theirs]: Pair): void {
  mine.close();
  theirs.close();
}

/** What went wrong, from the asker's point of view; `isFailed`: the request was failed on purpose. */
function explained(error: unknown, isFailed: boolean): unknown {
  if (!(error instanceof QuipeError)) return error;
  if (error.code === "ended") {
    return new QuipeError(
      "broken",
      "The request was closed without an answer by the task that had received it.",
    );
  }
  return isFailed && error.code === "peer-failed" ? error.cause : error;
}
