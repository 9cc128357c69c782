/**
 * The last step of a death: telling of it. The spawner is told by message; then SENT is sealed, and if a handle was
 * ever sent the outcome is left for whoever has it (sent-handle.ts); a failure that nobody can hear of is raised in
 * the root task (unheard.ts).
 */
import { nextBufferId } from "../sync/buffers.ts";
import { ring } from "../sync/board.ts";
import type { Parcel, Start } from "../sync/messages.ts";
import { slotsPinned } from "../memory/pins.ts";
import type { Ending, Estate } from "./burial.ts";
import { type Directory, REAPER } from "./directory.ts";
import {
  type Life,
  lastReport,
  leaveOutcome,
  noteEnded,
  openLife,
  sealSent,
  wakeWatchers,
} from "./life.ts";
import { type Ended, isFailure, leftParcel } from "./outcome.ts";

/** The report that the dead task made last, to be told with its outcome. */
export function lastWords({ quipe }: Start, directory: Directory): Parcel | undefined {
  const id = lastReport(openLife(quipe));
  return id === 0 ? undefined : directory.parcel(id);
}

/** Tells of a death. Everything that the dead task held is repaired by then. */
export function tellOfDeath(
  start: Start,
  ending: Ending,
  report: Parcel | undefined,
  estate: Estate,
): void {
  const { task, spawner } = start;
  const { how, parcel, stopped, by = "" } = ending;
  const life = openLife(start.quipe);
  noteEnded(life);
  const ended: Ended = { how, parcel, stopped, by };
  estate.roster.tell(spawner.slot, { kind: "outcome", task, ...ended, report }, spawner.generation);
  const sentAs = sealSent(life);
  // A failure in a scope is heard by the scope; if that is gone, so is whoever wanted the task at all.
  if (isFailure(how) && start.scope === undefined) estate.unheard.add(start, parcel, sentAs);
  if (sentAs !== 0) leave(life, sentAs, ended, estate);
  estate.unheard.settle(task);
}

/** Leaves the outcome, and the last report, to those who have the handle or get it yet. */
function leave(life: Life, sentAs: number, ended: Ended, { directory, board }: Estate): void {
  const { bytes, carries } = leftParcel(ended);
  const id = nextBufferId();
  const buffer = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(bytes));
  directory.publish({ id, buffer, holding: "messages", carries }, REAPER);
  directory.carryAlso(sentAs, [id, lastReport(life)]);
  directory.unused(id, REAPER); // it lives by the handle alone
  leaveOutcome(life, id);
  for (const slot of slotsPinned(life.words)) ring(board, slot);
  wakeWatchers(life, board);
}
