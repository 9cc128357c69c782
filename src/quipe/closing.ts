/** What it takes to close a handle of this task: the error for the other side, and what nobody will receive. */
import { QuipeError } from "../errors.ts";
import { tellReaper, thisThread } from "../sync/thread.ts";
import { HANDLE } from "./ends-layout.ts";
import { failureParcel } from "./failures.ts";
import { BOTH, type Handle, abortQuipe, closeHandle, countHandles, hasHandle } from "./handles.ts";
import { EndState } from "./lane-layout.ts";
import { idsLeft } from "./lane-contents.ts";
import { hasHome } from "./losses.ts";
import { keepParcel, letGoOfQuipe } from "./publishing.ts";
import { type QuipeMemory, otherSide } from "./quipe-memory.ts";

/** Closes a handle for what `bits` say; with an `error`, if there is one, for the other side. */
export function closeFor(handle: Handle, bits: number, error: unknown): void {
  const { memory } = handle;
  const hasFailed = error !== undefined && (bits & HANDLE.SENDS) !== 0;
  const parcelId = hasFailed ? keepParcel(memory, failureParcel(error)) : 0;
  const how = hasFailed ? EndState.failed : EndState.clean;
  closeHandle(handle, bits, { how, parcelId }, thisThread().board);
  if ((bits & HANDLE.RECEIVES) === 0) return;
  refuseLeft(handle);
  letGoIfUnused(memory);
}

/** This task holds the memory no longer if it has no handle of it, and does not listen to its losses. */
export function letGoIfUnused(memory: QuipeMemory): void {
  if (!hasHome(memory) && !hasHandle(memory, thisThread().task.slot)) letGoOfQuipe(memory);
}

/** Aborts the quipe of a handle. False if that was so already. */
export function abortFor({ memory }: Handle, reason: unknown): boolean {
  const parcelId = keepParcel(memory, failureParcel(reason));
  const isFirst = abortQuipe(memory, parcelId, thisThread().board);
  if (!hasHome(memory)) refuse(memory.lanes.flatMap((lane) => idsLeft(lane)));
  return isFirst;
}

/** An end was collected as garbage that was not closed: its side would wait for ever. */
export function closeLeaked(handle: Handle): void {
  const error = new QuipeError(
    "closed",
    "The other end was dropped without having been closed, and has been collected as garbage.",
  );
  closeFor(handle, BOTH, error);
}

/** Lets go of what the items name that nobody will receive any more. */
function refuseLeft({ memory, side }: Handle): void {
  if (hasHome(memory) || countHandles(memory, side).receivers > 0) return;
  refuse(idsLeft(memory.laneFrom(otherSide(side))));
}

function refuse(ids: readonly number[]): void {
  if (ids.length > 0) tellReaper({ kind: "refused", ids });
}
