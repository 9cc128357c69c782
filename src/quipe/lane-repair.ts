/**
 * What is done for a task that died while it used a lane: it leaves both turnstiles, and what it had half done there has
 * not happened. Can be repeated from the start. To be called before the lane's handles are closed.
 */
import type { Board } from "../sync/board.ts";
import { Turnstile } from "../sync/turnstile.ts";
import { turnstilesOf } from "./lane-layout.ts";
import type { Lane } from "./lane-memory.ts";
import { idsOfOldest } from "./lane-contents.ts";
import { repairReceiver, repairSender } from "./rendezvous.ts";

/**
 * Leaves a lane for the dead task in `slot`. `giveBack` is called with what the oldest item names, if the task may have
 * been taking it: the item is there again, and so must be what it moves.
 */
export function leaveLane(
  lane: Lane,
  slot: number,
  board: Board,
  giveBack: (ids: readonly number[]) => void,
): void {
  const [senders, receivers] = turnstilesAt(lane);
  const isHandedOver = lane.capacity === 0;
  if (isHandedOver && senders.holder === slot) repairSender(lane, slot);
  if (receivers.holder === slot) {
    if (isHandedOver) repairReceiver(lane);
    giveBack(idsOfOldest(lane));
  }
  senders.giveUp(slot, board);
  receivers.giveUp(slot, board);
}

/** A killed task could not be stopped: where it is inside, nobody else gets in. */
export function markLaneStuck(lane: Lane, slot: number): void {
  for (const turnstile of turnstilesAt(lane)) turnstile.markStuck(slot);
}

function turnstilesAt({ words, ringWords }: Lane): readonly [Turnstile, Turnstile] {
  const { sender, receiver } = turnstilesOf(ringWords);
  return [new Turnstile(words, sender), new Turnstile(words, receiver)];
}
