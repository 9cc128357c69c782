/** What the operations of an end throw when the other end is gone. */
import { QuipeError, asSentence } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { fetchBuffer } from "../sync/buffers.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { ENDS } from "./ends-layout.ts";
import { failureIn } from "./failures.ts";
import type { QuipeMemory } from "./quipe-memory.ts";
import { EndState, type EndStateValue } from "./lane-layout.ts";

/** What everything throws once a quipe was aborted. */
export function abortedError(memory: QuipeMemory): QuipeError {
  const id = load(memory.words, ENDS.ABORT);
  const cause = id === 0 ? undefined : reasonIn(id);
  const why = asSentence(cause === undefined ? "no reason was given" : cause);
  return new QuipeError("aborted", `This quipe was aborted: ${why}`, { cause });
}

function reasonIn(id: number): unknown {
  try {
    return failureIn({ bytes: fetchBuffer(id) });
  } catch (error) {
    if (isOnItsWay(error)) throw error;
    return undefined; // whoever aborted has ended meanwhile, and nobody else had the quipe
  }
}

const CLOSED = {
  closed: "This end was closed by its own task. Keep it open for as long as you use it.",
  finished:
    "This end was finished by its own task: it only receives. Finish it after the last item.",
  deaf: "This end was left by its own task: it only sends. Leave it after the last item.",
  moved: "This end was sent to another task, and is that task's. Send a clone() to keep one.",
  left: "This end belonged to a task that has ended.",
} as const;

/** What an end throws that its own task has made useless. */
export function closedError(how: keyof typeof CLOSED): QuipeError {
  return new QuipeError(how === "moved" ? "moved" : "closed", CLOSED[how]);
}

/** What a send throws when nobody is left to receive. */
export function brokenError(): QuipeError {
  return new QuipeError(
    "broken",
    "Nobody is left at the other end to receive this. The item is still yours.",
  );
}

/** What a receive throws once the lane has ended in `state`, and is empty. */
export function terminalError(state: EndStateValue, cause: unknown): QuipeError {
  if (state === EndState.clean) {
    return new QuipeError(
      "ended",
      "The other end was closed, and everything it sent has been received.",
    );
  }
  const options = cause === undefined ? {} : { cause };
  const why = cause === undefined ? "." : `: ${asSentence(cause)}`;
  return state === EndState.failed
    ? new QuipeError("peer-failed", `The task at the other end failed${why}`, options)
    : new QuipeError("peer-killed", `The task at the other end was killed${why}`, options);
}

const NO_MORE_ITEMS: readonly string[] = ["ended", "peer-failed", "peer-killed"];
const PEER_IS_GONE: readonly string[] = [...NO_MORE_ITEMS, "broken", "aborted"];

/** Whether an error of an end says that everything was received. */
export function isEndOfItems(error: unknown): boolean {
  return error instanceof QuipeError && NO_MORE_ITEMS.includes(error.code);
}

/** Whether an error of an end says that the other side is gone. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof QuipeError && PEER_IS_GONE.includes(error.code);
}

/** Whether an error of an end says that nothing will go through it any more, since either side has ended. */
export function isEndOfLane(error: unknown): boolean {
  return isPeerGone(error) || (error instanceof QuipeError && error.code === "closed");
}
