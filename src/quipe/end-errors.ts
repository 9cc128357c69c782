/** What the operations of an end throw when the other end is gone. */
import { QuipeError } from "../errors.ts";
import { EndState, type EndStateValue } from "./lane-layout.ts";

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
  const why = cause instanceof Error ? `: ${cause.message}` : ".";
  return state === EndState.failed
    ? new QuipeError("peer-failed", `The task at the other end failed${why}`, options)
    : new QuipeError("peer-killed", `The task at the other end was killed${why}`, options);
}

const PEER_IS_GONE: readonly string[] = ["ended", "peer-failed", "peer-killed", "broken"];

/** Whether an error of an end says that the other side is gone. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof QuipeError && PEER_IS_GONE.includes(error.code);
}

/** Whether an error of an end says that nothing will go through it any more, since either side has ended. */
export function isEndOfLane(error: unknown): boolean {
  return isPeerGone(error) || (error instanceof QuipeError && error.code === "closed");
}
