/**
 * How long a region lives: for as long as some task holds it, or a message carries it.
 *
 *   publish, open   ▶ the task's pin is set, then the board's count of pins goes up
 *   task ends       ▶ the reaper clears its pins
 *   Region object   ▶ collected as garbage: the pin is cleared and the reaper is told, which then looks
 *                     whether anybody else holds the region (task/directory.ts says why that is exact)
 *
 * A Region object belongs to one task: a warm thread forgets its regions between two tasks, and the next
 * task opens and pins them for itself.
 */
import { notePin } from "../sync/board.ts";
import { publishBuffer, reportUnused } from "../sync/buffers.ts";
import { tellReaper, thisThread } from "../sync/thread.ts";
import { tellThawingOwner } from "./titles.ts";
import { pin, unpinWords } from "./pins.ts";
import { forgetRegion, isRemembered } from "./region-table.ts";

/** A shared buffer with pins: a region, or a guard. */
export interface Pinned {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  /** The tenancy of this thread in which its task pinned it; 0 for none. */
  heldIn: number;
  /** Whether the directory was ever told of it here. */
  isEntered: boolean;
  /** What stays alive with it. */
  readonly neighbours: readonly Pinned[];
  /** How often it was entered in the directory, where its memory says so. */
  edition?: number;
}

interface Hold {
  readonly id: number;
  /** Undefined once the pin is gone: what lies in that memory is no longer known then. */
  readonly words: Int32Array | undefined;
  readonly slot: number;
  readonly generation: number;
}

/** How many tasks this thread has had: what an earlier one held is not held any more. */
let tenancy = 1;
const collected = new FinalizationRegistry<Hold>(letGo);

/** Enters a region, and those that it refers to, in the directory, so that other tasks can open it. Never waits. */
export function publishRegion(region: Pinned): void {
  if (isPublished(region)) return;
  holdRegion(region);
  publishAgain(region);
}

/** Enters a region anew that the directory knows in another buffer. */
export function enterAgain(region: Pinned): void {
  collected.unregister(region);
  keep(region);
  enter(region);
}

/**
 * Tells the directory anew what keeps a region alive, and before that enters what is not there yet: who is sent the region
 * is sent all that it leads to.
 */
export function publishAgain(region: Pinned): void {
  for (const other of region.neighbours) publishRegion(other);
  enter(region);
}

function enter(region: Pinned): void {
  const { id, buffer, neighbours } = region;
  const carries = neighbours.map((other) => other.id);
  const edition = region.edition === undefined ? undefined : region.edition + 1;
  publishBuffer({ id, buffer, holding: "pins", carries, edition });
  if (edition !== undefined) region.edition = edition; // now that it is on its way to the reaper
}

/** Whether other tasks may have come by the region. */
export function isPublished(region: Pinned): boolean {
  return region.heldIn === tenancy;
}

/** The region is this task's alone again: what it holds by then is told anew when it is published again. */
export function withdrawRegion(region: Pinned): void {
  region.heldIn = 0;
}

/** Forgets what the task that ended on this thread held. The reaper clears its pins. */
export function clearHolds(): void {
  tenancy++;
}

/** Pins a region for this thread's task, until its Region object is collected or the task ends. */
export function holdRegion(region: Pinned): void {
  const { board, task } = thisThread();
  pin(region, task.slot);
  notePin(board);
  region.heldIn = tenancy;
  region.isEntered = true;
  keep(region);
}

function keep(region: Pinned): void {
  const { id, words } = region;
  collected.register(region, { id, words, ...thisThread().task }, region);
}

/**
 * Takes this task's pin away: the region is another's now, or nobody's. Only when the last view of it is
 * collected here does the reaper hear that this task could not even take it over again.
 */
export function leaveRegion(region: Pinned): void {
  if (!region.isEntered) return;
  const { board, task } = thisThread();
  unpinWords(region.words, task.slot);
  tellThawingOwner(region.words, board);
  region.heldIn = 0;
  collected.unregister(region);
  collected.register(region, { id: region.id, words: undefined, ...task }, region);
}

/** This task has no more use for what it holds, though objects that know it may live on here. It may be held again. */
export function letGoOf(pinned: Pinned): void {
  if (!isPublished(pinned)) return;
  unpinWords(pinned.words, thisThread().task.slot);
  pinned.heldIn = 0;
  collected.unregister(pinned);
  reportUnused(pinned.id);
}

/** The region exists no longer, so nobody need ask whether somebody holds it. */
export function dissolveRegion(region: Pinned): void {
  if (!region.isEntered) return;
  region.heldIn = 0;
  collected.unregister(region);
  tellReaper({ kind: "released", id: region.id });
}

/** A Region object was collected. Its words outlive it here, so the pin can still be cleared. */
function letGo({ id, words, slot, generation }: Hold): void {
  const { board, task } = thisThread();
  if (task.slot !== slot || task.generation !== generation) return; // the reaper has cleared it
  if (isRemembered(id)) return; // opened again since, under the same pin
  forgetRegion(id);
  if (words !== undefined) {
    unpinWords(words, slot);
    tellThawingOwner(words, board);
  }
  reportUnused(id);
}
