/** Waiting in tests for what nothing can be awaited for. */
import { nextTurn, runtimeName } from "../src/runtime/host.ts";

/** What takes longer than these turns of the event loop may take a while, and others need the processor. */
const TURNS = 20;

/** Lets everything go on that can, until `isSo`. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) await turnOrPause(turn);
}

/**
 * One of many turns of the event loop, with pauses once there have been some. Not on Node: 20 and 22 were seen to let a timer of
 * one millisecond wait for the next other one, almost a minute later.
 */
export async function turnOrPause(turn: number): Promise<void> {
  if (turn < TURNS || runtimeName() === "node") await nextTurn();
  else await new Promise<void>((resolve) => void setTimeout(resolve, 1));
}
