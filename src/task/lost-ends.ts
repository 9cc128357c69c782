/** Ends that were on their way in messages which are gone: nobody will have them any more. */
import { HANDLE } from "../quipe/ends-layout.ts";
import { closeLost, entriesOf } from "../quipe/handles.ts";
import { EndState } from "../quipe/lane-layout.ts";
import type { QuipeMemory } from "../quipe/quipe-memory.ts";
import type { Board } from "../sync/board.ts";

/** Closes the ends that were on their way in messages which nobody carries any more. `carried`: what all messages carry. */
export function buryLostEnds(memory: QuipeMemory, carried: ReadonlySet<number>, lost: Lost): void {
  for (const side of [0, 1] as const) {
    for (const entry of entriesOf(memory, side)) {
      if ((entry.state & HANDLE.AWAY) === 0 || carried.has(entry.token)) continue;
      const parcelId = lost.parcelFor(memory);
      closeLost(entry, entry.state, { how: EndState.failed, parcelId }, lost.board);
    }
  }
}

/** What is needed to say that an end was lost. */
export interface Lost {
  readonly board: Board;
  parcelFor(memory: QuipeMemory): number;
}
