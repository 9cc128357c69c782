/**
 * What `current()` is inside a call of a pool: the call, and not the worker that serves it.
 *
 * A call is asked to stop by a shared word, so a loop that never awaits sees it too; and by the doorbell, so that
 * what waits looks. The word holds the call's number: what was meant for one call never stops the next.
 */
import { QuipeError } from "../errors.ts";
import { BlockedOn } from "../sync/board.ts";
import { nowMs } from "../sync/deadline.ts";
import { LiveSignal } from "../sync/live-signal.ts";
import { onStopQuestion, throwIfStopped, watch } from "../sync/wait.ts";
import type { End } from "../quipe/end.ts";
import { type CurrentTask, deadlineHere, showAsCurrent } from "../task/current.ts";
import { namesGiven } from "../task/handed-names.ts";
import { isAskedToStop } from "./call-words.ts";

/** One call, seen from inside. */
class CurrentCall implements CurrentTask {
  readonly name: string;
  readonly names: CurrentTask["names"] = namesGiven(undefined);
  readonly #number: number;
  readonly #words: Int32Array;
  #signal: LiveSignal | undefined;

  constructor(words: Int32Array, number: number, name: string) {
    this.#words = words;
    this.#number = number;
    this.name = name;
  }

  get quipe(): End {
    throw new QuipeError(
      "unsupported",
      `The call of "${this.name}" has no quipe of its own: its worker serves many calls. Return what it has to say, or use spawn().`,
    );
  }

  get signal(): AbortSignal {
    this.#signal ??= new LiveSignal(() => {
      const why = this.whyStopped();
      return why === undefined ? undefined : { reason: why };
    });
    return this.#signal.signal;
  }

  get deadline(): number {
    return deadlineHere();
  }

  get timeLeftMs(): number {
    return Math.max(0, this.deadline - nowMs());
  }

  checkpoint(): void {
    throwIfStopped();
  }

  /** A call has no handle by which anybody could watch it, so its reports go nowhere. */
  progress(): void {}

  /** Why this call should stop, if it should. */
  whyStopped(): QuipeError | undefined {
    if (!isAskedToStop(this.#words, this.#number)) return undefined;
    return new QuipeError(
      "cancelled",
      `The call of "${this.name}" was given up by its caller, or took too long.`,
    );
  }

  /** Lets those who listen to the signal hear of it. */
  look(): void {
    this.#signal?.look();
  }
}

/**
 * Shows calls as `current()`: call the result when a call begins, and with nothing when it has ended. Code that a
 * call has left behind still sees that call.
 */
export function showCalls(
  words: Int32Array,
): (call: { readonly number: number; readonly name: string } | undefined) => void {
  let atWork: CurrentCall | undefined;
  const look = (): boolean => {
    atWork?.look();
    return false;
  };
  onStopQuestion(() => atWork?.whyStopped());
  watch(look, { code: BlockedOn.other, text: "the end of a call" }).release();
  return (begun) => {
    atWork = begun === undefined ? undefined : new CurrentCall(words, begun.number, begun.name);
    if (atWork !== undefined) showAsCurrent(atWork);
  };
}
