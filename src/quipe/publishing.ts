/**
 * How a quipe becomes known to the reaper, and so to other tasks: when one of its ends is sent for the first time, or an
 * item through it that names shared memory. Until then it lives in the tasks that were born with it, and nobody else can
 * ask for it.
 */
import { holdRegion, isPublished, letGoOf } from "../memory/holding.ts";
import { load } from "../runtime/atomics.ts";
import { publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { ENDS } from "./ends-layout.ts";
import { CLOSE_PARCEL } from "./lane-layout.ts";
import type { QuipeMemory } from "./quipe-memory.ts";
import { publishParcel } from "./unsent.ts";

/**
 * Makes sure that other tasks can open the memory by its number, and keeps it for this task, and for the message in which
 * this one sends an end. Never waits.
 */
export function publishQuipe(memory: QuipeMemory): void {
  if (isPublished(memory) && memory.isTold) return;
  if (!isPublished(memory)) holdRegion(memory);
  enter(memory, parcelsOf(memory));
  memory.isTold = true;
}

/**
 * Makes sure that the reaper reads the lanes of a quipe before an item lies there that names shared memory, which lives by
 * that alone once the sender has dropped it. Never waits.
 */
export function publishLanes(memory: QuipeMemory): void {
  if (!memory.isOfTask && !isPublished(memory)) publishQuipe(memory);
}

/**
 * This task has no more use for the memory: it says so, behind whatever it has sent by way of the reaper. It may take
 * it up again.
 */
export function letGoOfQuipe(memory: QuipeMemory): void {
  letGoOf(memory);
  memory.isTold = false;
}

/** Puts an error or a reason where everybody who has the quipe can read it, and where it goes with the quipe. Returns its number. */
export function keepParcel(memory: QuipeMemory, parcel: Parcel): number {
  const id = publishParcel(parcel);
  publishLanes(memory);
  if (!isPublished(memory)) return id; // of a task: the reaper knows it from its start
  enter(memory, [id]);
  reportUnused(id); // it lives by the quipe alone
  return id;
}

/** The numbers of the parcels that the words of a quipe name. */
export function parcelsOf({ words, lanes }: QuipeMemory): number[] {
  const ids = [load(words, ENDS.ABORT), ...lanes.map((lane) => load(lane.words, CLOSE_PARCEL))];
  return ids.filter((id) => id !== 0);
}

function enter({ id, buffer }: QuipeMemory, carries: readonly number[]): void {
  publishBuffer({ id, buffer, holding: "ends", carries });
}
