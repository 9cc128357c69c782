/** Waiting in tests for what nothing can be awaited for. */
import { nextTurn } from "../src/runtime/host.ts";

/** What takes longer than these turns of the event loop may take a while, and others need the processor. */
const TURNS = 20;

/** Lets everything go on that can, until `isSo`. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) await turnOrPause(turn);
}

/** One of many turns of the event loop, with pauses once there have been some. */
export async function turnOrPause(turn: number): Promise<void> {
  if (turn < TURNS) await nextTurn();
  else await new Promise<void>((resolve) => void setTimeout(resolve, 1));
}
