/**
 * What the reaper does about the ends of quipes that a dead task had, or was sending or receiving just then.
 *
 *   turnstiles   it leaves the queues, and lets the next one in             sync/turnstile.ts
 *   half-done    what it had taken and not acknowledged is there again: the item itself, since it still lies in
 *                the lane; the regions and ends in it, which must be on their way again
 *   handles      closed, each saying how the task ended; one that a message carries goes on with it
 *   lanes        end where no handle is left; what nobody will receive is let go of
 *
 * All of it is read from shared memory, so it can be repeated from the start.
 */
import {
  type TakenEntry,
  closeHandle,
  entriesOf,
  finishAbort,
  handleState,
  ownerOf,
  sendAway,
  settleSide,
} from "../quipe/handles.ts";
import { ENDS, HANDLE } from "../quipe/ends-layout.ts";
import { hasHome } from "../quipe/losses.ts";
import { EndState, type EndStateValue, RECEIVER_STATE } from "../quipe/lane-layout.ts";
import { leaveLane, markLaneStuck } from "../quipe/lane-repair.ts";
import { idsCarried, idsLeft } from "../quipe/lane-contents.ts";
import type { Lane } from "../quipe/lane-memory.ts";
import { parcelsOf } from "../quipe/publishing.ts";
import { QuipeMemory } from "../quipe/quipe-memory.ts";
import { load, store } from "../runtime/atomics.ts";
import { type Board, type TaskId, isSameTask } from "../sync/board.ts";
import type { EndKind, Parcel, Start } from "../sync/messages.ts";
import type { Directory } from "./directory.ts";
import { REAPER } from "./directory.ts";
import type { Roster } from "./roster.ts";

/** How a task ended. */
export interface EndsClosing {
  readonly how: EndKind;
  readonly parcel: Parcel;
  readonly stopped: boolean;
}

/** What the ends of all quipes are found by. */
export interface Quipes {
  readonly board: Board;
  readonly directory: Directory;
  readonly roster: Roster;
}

/** Closes and repairs what a dead task had of quipes. */
export function buryEnds(start: Start, closing: EndsClosing, quipes: Quipes): void {
  const { task } = start;
  const state = endStateOf(closing.how);
  const burial = new Burial(task, state, closing, quipes);
  const seen = new Set<number>();
  for (const memory of quipes.directory.quipes()) {
    seen.add(memory.id);
    if (hasPart(memory, task.slot, quipes.directory)) burial.buryWithParcel(memory);
  }
  const own = new QuipeMemory(start.quipe);
  if (!seen.has(own.id)) burial.bury(own, 0); // the spawner is told why by the outcome
  for (const child of quipes.roster.all()) {
    if (!isSameTask(child.start.spawner, task)) continue;
    const memory = new QuipeMemory(child.start.quipe);
    if (seen.has(memory.id)) continue;
    const parcelId = state === EndState.clean ? 0 : quipes.directory.publishParcel(closing.parcel);
    if (parcelId !== 0) child.parcels.push(parcelId);
    burial.bury(memory, parcelId);
  }
}

/** The shared buffers, and the tokens of ends, that items in both lanes carry and somebody may still take out. */
export function idsUnderWay(memory: QuipeMemory): number[] {
  return memory.lanes.flatMap((lane) => (hasHome(memory) ? idsLeft(lane) : idsCarried(lane)));
}

class Burial {
  readonly #task: TaskId;
  readonly #state: EndStateValue;
  readonly #closing: EndsClosing;
  readonly #quipes: Quipes;

  constructor(task: TaskId, state: EndStateValue, closing: EndsClosing, quipes: Quipes) {
    this.#task = task;
    this.#state = state;
    this.#closing = closing;
    this.#quipes = quipes;
  }

  /**
   * With a parcel that says why the task ended, unless it ended well. It lives with the quipe if that names it: of many
   * tasks that die at one quipe only the first is quoted.
   */
  buryWithParcel(memory: QuipeMemory): void {
    if (this.#state === EndState.clean) return this.bury(memory, 0);
    const { directory } = this.#quipes;
    const parcelId = directory.publishParcel(this.#closing.parcel);
    this.bury(memory, parcelId);
    if (parcelsOf(memory).includes(parcelId)) directory.carryAlso(memory.id, [parcelId]);
    directory.unused(parcelId, REAPER);
  }

  bury(memory: QuipeMemory, parcelId: number): void {
    const { board, directory } = this.#quipes;
    const { slot } = this.#task;
    for (const lane of memory.lanes) this.#leaveLane(lane);
    for (const side of [0, 1] as const) {
      for (const entry of entriesOf(memory, side)) {
        if (ownerOf(entry.state) === slot) this.#closeOrSend(entry, parcelId);
      }
      settleSide(memory, side, board);
    }
    finishAbort(memory, board);
    this.#leaveHome(memory);
    if (hasHome(memory)) return;
    for (const lane of memory.lanes) {
      if (load(lane.words, RECEIVER_STATE) !== EndState.open) directory.refused(idsLeft(lane));
    }
  }

  #leaveLane(lane: Lane): void {
    const { slot } = this.#task;
    const { board, directory } = this.#quipes;
    if (!this.#closing.stopped) markLaneStuck(lane, slot);
    else leaveLane(lane, slot, board, (ids) => directory.giveBack(ids, this.#task));
  }

  #closeOrSend(entry: TakenEntry, parcelId: number): void {
    const isHere = (entry.state & (HANDLE.IN_TRANSIT | HANDLE.AWAY)) === 0;
    if (!isHere && this.#isCarried(entry.token)) return sendAway(entry);
    // Who took it out of its message before that look has its name there by now; and nobody takes it any more.
    if (handleState(entry) !== entry.state) return;
    closeHandle(entry, entry.state, { how: this.#state, parcelId }, this.#quipes.board);
  }

  /** By a message, or by what the task leaves as its outcome. */
  #isCarried(token: number): boolean {
    return this.#closing.parcel.carries.includes(token) || this.#quipes.directory.isCarried(token);
  }

  #leaveHome({ words }: QuipeMemory): void {
    const { slot, generation } = this.#task;
    if (words[ENDS.HOME_GENERATION] !== generation) return;
    if (load(words, ENDS.HOME) === slot + 1) store(words, ENDS.HOME, 0);
  }
}

function hasPart(memory: QuipeMemory, slot: number, directory: Directory): boolean {
  if (directory.isPinnedBy(memory.id, slot)) return true;
  for (const side of [0, 1] as const) {
    for (const { state } of entriesOf(memory, side)) if (ownerOf(state) === slot) return true;
  }
  return false;
}

function endStateOf(how: EndKind): EndStateValue {
  if (how === "done") return EndState.clean;
  return how === "killed" || how === "crashed" ? EndState.killed : EndState.failed;
}
