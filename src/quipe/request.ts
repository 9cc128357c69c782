/**
 * Request and reply over an end: a question goes with an end of a quipe of its own, by which the answer comes back.
 *
 *   asker ── QuipeRequest { value, replyTo } ──▶ whoever receives it
 *     └◀═══════════ a small quipe ═══════════◀── reply · fail
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

type Answer<Reply> = readonly [Reply] | typeof FAILED;

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
    return answerWith(this.replyTo, [answer], undefined);
  }

  /** Answers with an error, which the asker's `request` throws as it is. As {@link reply} in all else. */
  fail(error: unknown): boolean {
    return answerWith(
      this.replyTo,
      FAILED,
      error ?? new QuipeError("peer-failed", "The request failed."),
    );
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

function answerWith(replyTo: End, answer: Answer<unknown>, error: unknown): boolean {
  try {
    replyTo.trySend(answer);
  } catch (thrown) {
    if (!(thrown instanceof QuipeError) || thrown.code !== "broken") throw thrown;
    replyTo.close();
    return false;
  }
  return replyTo.close(error);
}

/** Makes requests known to messages on this thread. */
export function letRequestsTravel(): void {
  registerClass(QuipeRequest, "quipe.Request");
}

/** Asks over `end`; `pair`: the quipe for the answer. */
export async function ask(
  end: End,
  value: unknown,
  pair: readonly [End, End],
  options: WaitOptions,
): Promise<unknown> {
  const [mine, theirs] = pair;
  const { timeoutMs, signal } = options;
  const until = timeoutMs === undefined ? undefined : nowMs() + timeoutMs;
  try {
    await end.send(new QuipeRequest(value, theirs), options);
    const left = until === undefined ? undefined : Math.max(0, until - nowMs());
    const answer = (await mine.receive({ timeoutMs: left, signal })) as Answer<unknown>;
    if (answer !== FAILED) return answer[0];
    await mine.receive();
  } catch (error) {
    throw explained(error, mine);
  } finally {
    mine.close();
    theirs.close(); // if it was not sent
  }
  return undefined;
}

/** What went wrong, from the asker's point of view. */
function explained(error: unknown, mine: End): unknown {
  if (!(error instanceof QuipeError)) return error;
  if (error.code === "ended") {
    return new QuipeError(
      "broken",
      "The request was closed without an answer by the task that had received it.",
    );
  }
  const wasFailed = error.code === "peer-failed" && mine.statistics().in.taken > 0;
  return wasFailed ? error.cause : error;
}
