/**
 * Ends that were on their way in messages which are gone: nobody will have them any more.
 *
 * Only those are looked at whose message is known to be gone. That no message carries a token does not say so by itself:
 * the message may be one to the reaper, a spawn for example, that it has not read yet.
 */
import { QuipeError } from "../errors.ts";
import { HANDLE } from "../quipe/ends-layout.ts";
import { type TakenEntry, closeLost, entriesOf, handleState, tokenOf } from "../quipe/handles.ts";
import { EndState } from "../quipe/lane-layout.ts";
import type { QuipeMemory } from "../quipe/quipe-memory.ts";
import type { Board } from "../sync/board.ts";

/**
 * The ends of a quipe that only a message has, of those that travel under these tokens. To be read before what messages
 * carry.
 */
export function endsAway(memory: QuipeMemory, tokens: ReadonlySet<number>): TakenEntry[] {
  return ([0, 1] as const).flatMap((side) =>
    [...entriesOf(memory, side)].filter(
      ({ state, token }) => (state & HANDLE.AWAY) !== 0 && tokens.has(token),
    ),
  );
}

/**
 * Those of these tokens under which an end is still being sent: the message may be gone before its sender, which goes on
 * beside the reaper, has noted that the end is away.
 */
export function tokensLeaving(memory: QuipeMemory, tokens: ReadonlySet<number>): number[] {
  return ([0, 1] as const).flatMap((side) =>
    [...entriesOf(memory, side)]
      .filter(
        ({ state, token }) =>
          (state & HANDLE.IN_TRANSIT) !== 0 &&
          (state & HANDLE.OWNER_MASK) !== 0 &&
          tokens.has(token),
      )
      .map(({ token }) => token),
  );
}

/**
 * Closes those of these ends that nobody carries any more. `carried`: what all messages carry, read after the ends. An
 * end that was received before that reading shows it now, by another state or, if it was sent on, by another token; one
 * that was not never will be.
 */
export function buryLostEnds(
  ends: readonly TakenEntry[],
  carried: ReadonlySet<number>,
  lost: Lost,
): void {
  for (const entry of ends) {
    const { memory, state, token } = entry;
    if (carried.has(token) || handleState(entry) !== state || tokenOf(entry) !== token) continue;
    const parcelId = lost.parcelFor(memory);
    closeLost(entry, state, { how: EndState.failed, parcelId }, lost.board);
  }
}

/** What is needed to say that an end was lost. */
export interface Lost {
  readonly board: Board;
  parcelFor(memory: QuipeMemory): number;
}

/** What the other side of a lost end hears. */
export function endWasLost(): QuipeError {
  return new QuipeError(
    "closed",
    "The other end was on its way to a task that did not receive the message with it.",
  );
}
