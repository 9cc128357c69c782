/**
 * The reaper: the one thread that physically starts every worker, proves deaths, repairs and tells.
 *
 *   tasks ── spawn · cancel · kill · ended · publish · fetch ──▶ reaper ── outcome · buffer · cancel ──▶ tasks
 *
 * It does nothing else and never blocks, so it hears of every death at once, and a task that sleeps in
 * `Atomics.wait` learns of it through its doorbell. Workers are never nested: a worker's worker would die
 * with it and nobody would be told.
 *
 * Every way to end takes the same path: decide (one compare-and-set on the board), fence (proof that the
 * thread has stopped), repair, publish. The steps between fence and publish can be repeated.
 */
import type { MessagePort } from "node:worker_threads";
import { flushOutput } from "../runtime/host.ts";
import { QuipeError, inWords } from "../errors.ts";
import { toParcel } from "../quipe/parcels.ts";
import { lanesOf } from "../quipe/quipe.ts";
import { EndState, type EndStateValue } from "../quipe/lane-layout.ts";
import { type Lane, closeReceiver, closeSender, idsCarried } from "../quipe/lane.ts";
import {
  type Board,
  Phase,
  type TaskId,
  advance,
  decide,
  isSameTask,
  keyOfTask,
  openBoard,
  phaseOfTask,
  ring,
} from "../sync/board.ts";
import { nextBufferId } from "../sync/buffers.ts";
import type { EndKind, Enrolment, Parcel, Start, ToReaper, ToThread } from "../sync/messages.ts";
import { joinThread } from "../sync/thread.ts";
import { Directory } from "./directory.ts";
import { type Member, Staff } from "./staff.ts";

/** A task that is not dead yet. */
interface Living {
  readonly start: Start;
  readonly member: Member;
  /** The shared buffers that its arguments name, until it has them. */
  carries: readonly number[];
  /** Parcels made for its ends, which go with it. */
  readonly parcels: number[];
}

/** What a dead task left for its spawner to receive. */
interface Legacy {
  readonly spawner: TaskId;
  /** The shared buffers that its outcome names, until the spawner has the outcome. */
  outcome: readonly number[];
  /** The lane in which the last items of the dead lie. */
  readonly lane: Lane;
}

interface Ending {
  readonly how: EndKind;
  readonly parcel: Parcel;
  readonly stopped: boolean;
}

/** Makes this thread the reaper of a program. */
export function superviseTasks({ board, link }: Enrolment): void {
  joinThread({ board: openBoard(board), task: { slot: -1, generation: -1 }, link: undefined });
  const reaper = new Reaper(openBoard(board), link);
  link.on("message", (message: ToReaper) => reaper.receive(undefined, message));
}

const ROOT: TaskId = { slot: 0, generation: 1 };
/** A timer with a longer delay fires at once. */
const LONGEST_GRACE_MS = 0x7fff_ffff;
/** Stands for the reaper where a publisher's slot is asked for. */
const REAPER = -1;

class Reaper {
  readonly #board: Board;
  readonly #root: MessagePort;
  readonly #staff: Staff;
  readonly #directory: Directory;
  readonly #living = new Map<number, Living>();
  /** What dead tasks left for their spawners, while it names shared buffers. */
  readonly #legacies = new Map<string, Legacy>();
  #sweepIsDue = false;

  constructor(board: Board, root: MessagePort) {
    this.#board = board;
    this.#root = root;
    this.#directory = new Directory(board, () => this.#idsCarried());
    this.#staff = new Staff(board.buffer, {
      onMessage: (member, message) => this.receive(member, message),
      onExit: (member, code) => this.#exited(member, code),
    });
  }

  receive(member: Member | undefined, message: ToReaper): void {
    switch (message.kind) {
      case "publish":
        return this.#directory.publish(message.publication, slotOf(member));
      case "unused":
        this.#directory.unused(message.id, slotOf(member));
        return this.#sweepSoon();
      case "released":
        this.#directory.released(message.id);
        return this.#sweepSoon();
      case "refused":
        return this.#noLongerCarried(message.ids);
      case "begun":
        return this.#begun(message.task);
      case "holders":
        return this.#tellHolders(message.id, message.slot);
      case "received":
        return this.#outcomeReceived(message.task);
      case "flush":
        return void flushOutput(true).then(() => this.#tell(ROOT.slot, { kind: "flushed" }));
      case "fetch":
        return this.#fetch(message.id, message.slot);
      case "spawn":
        return this.#spawn(message.start);
      case "cancel":
        return this.#cancel(message);
      case "kill":
        return void this.#kill(message.task, "killed", message.reason);
      case "ended":
        return this.#ended(member, message);
    }
  }

  #fetch(id: number, slot: number): void {
    this.#directory.fetch(id, (buffer) => this.#tell(slot, { kind: "buffer", id, buffer }));
  }

  #tellHolders(id: number, slot: number): void {
    const { slots, isCarried } = this.#directory.holdersOf(id);
    const tasks = slots.filter((other) => other !== slot).map((other) => this.#nameOf(other));
    this.#tell(slot, { kind: "holders", id, tasks, inMessages: isCarried });
  }

  #nameOf(slot: number): string {
    if (slot === 0) return "the main thread";
    return `the task "${this.#living.get(slot)?.start.name ?? "that is being stopped"}"`;
  }

  #spawn(start: Start): void {
    const member = this.#staff.assign(start);
    const parcels = this.#living.get(start.task.slot)?.parcels ?? [];
    const { carries } = start.arguments;
    this.#living.set(start.task.slot, { start, member, carries, parcels });
  }

  /** A task has its arguments, and holds what they name. */
  #begun(task: TaskId): void {
    const living = this.#find(task);
    if (living === undefined) return;
    const { carries } = living;
    living.carries = [];
    this.#noLongerCarried(carries);
  }

  #noLongerCarried(ids: readonly number[]): void {
    this.#directory.noLongerCarried(ids);
    this.#sweepSoon();
  }

  #cancel({ task, reason, graceMs }: Extract<ToReaper, { kind: "cancel" }>): void {
    if (this.#find(task) === undefined) return;
    if (advance(this.#board, task, Phase.starting, Phase.dying)) {
      // It has not begun and never will, since its thread does not get it from starting to running.
      this.#finish(task, { how: "cancelled", parcel: reason, stopped: true });
      return;
    }
    if (phaseOfTask(this.#board, task) === Phase.running) {
      // The reason first: whoever sees the phase finds it in the inbox.
      this.#tell(task.slot, { kind: "cancel", task, reason });
      advance(this.#board, task, Phase.running, Phase.cancelling);
      ring(this.#board, task.slot);
    }
    // A later cancel may bring a shorter grace; the first reason stays.
    if (graceMs !== undefined && graceMs <= LONGEST_GRACE_MS) {
      setTimeout(() => void this.#kill(task, "killed", reason), graceMs);
    }
  }

  async #kill(task: TaskId, how: EndKind, parcel: Parcel): Promise<void> {
    const living = this.#find(task);
    if (living === undefined || !decide(this.#board, task)) return;
    ring(this.#board, task.slot); // it may be asleep in a wait that it can only leave by itself
    const stopped = await this.#staff.stop(living.member);
    this.#finish(task, { how, parcel, stopped });
  }

  #ended(member: Member | undefined, message: Extract<ToReaper, { kind: "ended" }>): void {
    if (decide(this.#board, message.task)) {
      this.#finish(message.task, { how: message.how, parcel: message.parcel, stopped: true });
    }
    if (member?.start !== undefined && isSameTask(member.start.task, message.task)) {
      this.#staff.dismiss(member, message.reusable);
    }
  }

  #exited(member: Member, code: number): void {
    const { start } = member;
    if (start === undefined) return;
    const hasBegun = phaseOfTask(this.#board, start.task) !== Phase.starting;
    if (member.isWarm && !hasBegun) return this.#spawn(start); // what ended the thread was left over
    if (!decide(this.#board, start.task)) return this.#endedLate(start);
    const parcel = crashParcel(start, code, member.lastError);
    this.#finish(start.task, { how: "crashed", parcel, stopped: true });
  }

  /** Repairs what the task leaves behind, then publishes its death. The thread has stopped, or is given up. */
  #finish(task: TaskId, ending: Ending): void {
    const living = this.#find(task);
    if (living === undefined) return;
    if (ending.stopped) this.#directory.repairGuards(task.slot);
    else this.#directory.markStuck(task.slot);
    this.#closeEnds(living, ending);
    if (ending.stopped) this.#directory.inherit(task, this.#heirOf(living.start.spawner));
    this.#leaveLegacy(living.start, ending.parcel);
    this.#living.delete(task.slot);
    for (const id of living.parcels) this.#directory.unused(id, REAPER);
    if (ending.stopped) this.#directory.taskDied(task.slot); // else it may go on reading
    this.#settleLegacies(task);
    this.#publish(living.start, ending);
    if (ending.stopped) advance(this.#board, task, Phase.dying, Phase.free);
    this.#ringEverybody();
    this.#sweepSoon();
  }

  /** A thread that could not be stopped when it was killed has ended after all. */
  #endedLate({ task, spawner }: Start): void {
    if (phaseOfTask(this.#board, task) !== Phase.dying || this.#living.has(task.slot)) return;
    this.#directory.repairGuards(task.slot);
    this.#directory.inherit(task, this.#heirOf(spawner));
    this.#directory.taskDied(task.slot);
    advance(this.#board, task, Phase.dying, Phase.free);
    this.#ringEverybody();
    this.#sweepSoon();
  }

  #closeEnds({ start }: Living, ending: Ending): void {
    const state = endStateOf(ending.how);
    this.#closeEnd(start.quipe, 1, state, 0);
    for (const child of this.#living.values()) {
      if (!isSameTask(child.start.spawner, start.task)) continue;
      const parcelId = state === EndState.clean ? 0 : this.#publishFor(child, ending.parcel);
      this.#closeEnd(child.start.quipe, 0, state, parcelId);
    }
  }

  #publishFor(child: Living, parcel: Parcel): number {
    const id = nextBufferId();
    const buffer = new SharedArrayBuffer(parcel.bytes.length);
    new Uint8Array(buffer).set(parcel.bytes);
    const { carries } = parcel;
    this.#directory.publish({ id, buffer, holding: "messages", carries }, REAPER);
    child.parcels.push(id);
    return id;
  }

  /** The spawner, if it lives; else the root. */
  #heirOf(spawner: TaskId): TaskId {
    const isAlive = this.#living.get(spawner.slot)?.start.task.generation === spawner.generation;
    return isAlive ? spawner : ROOT;
  }

  #leaveLegacy({ task, spawner, quipe }: Start, parcel: Parcel): void {
    this.#legacies.set(keyOfTask(task), {
      spawner,
      outcome: parcel.carries,
      lane: lanesOf(quipe)[1],
    });
  }

  #outcomeReceived(task: TaskId): void {
    const legacy = this.#legacies.get(keyOfTask(task));
    if (legacy === undefined) return;
    const { outcome } = legacy;
    legacy.outcome = [];
    this.#noLongerCarried(outcome);
  }

  /** Forgets the legacies that nobody needs any more: taken, or left to the task that has just died. */
  #settleLegacies(dead: TaskId): void {
    for (const [key, legacy] of this.#legacies) {
      const isOrphaned = isSameTask(legacy.spawner, dead);
      if (isOrphaned || idsOfLegacy(legacy).length === 0) this.#legacies.delete(key);
    }
  }

  /** The shared buffers that are named by arguments, outcomes and items which may still have to be decoded. */
  *#idsCarried(): Iterable<number> {
    for (const { start, carries } of this.#living.values()) {
      yield* carries;
      for (const lane of lanesOf(start.quipe)) yield* idsCarried(lane);
    }
    for (const legacy of this.#legacies.values()) yield* idsOfLegacy(legacy);
  }

  #sweepSoon(): void {
    if (this.#sweepIsDue || !this.#directory.hasSuspects) return;
    this.#sweepIsDue = true;
    setTimeout(() => {
      this.#sweepIsDue = false;
      if (!this.#directory.sweep()) this.#sweepSoon();
    });
  }

  #closeEnd(quipe: SharedArrayBuffer, side: 0 | 1, state: EndStateValue, parcelId: number): void {
    const lanes = lanesOf(quipe);
    // In this order: who has heard of the end finds that it can no longer send either.
    closeReceiver(this.#board, lanes[side === 0 ? 1 : 0]);
    closeSender(this.#board, lanes[side], state, parcelId);
  }

  #publish({ spawner, task }: Start, { how, parcel, stopped }: Ending): void {
    this.#tell(spawner.slot, { kind: "outcome", task, how, parcel, stopped }, spawner.generation);
  }

  /** Puts a message into the inbox of the task in `slot`, and rings. */
  #tell(slot: number, message: ToThread, generation?: number): void {
    const living = this.#living.get(slot);
    if (generation !== undefined && slot !== 0 && living?.start.task.generation !== generation)
      return;
    const link = slot === 0 ? this.#root : living?.member.link;
    link?.postMessage(message);
    ring(this.#board, slot);
  }

  /** A wake-up that was meant for the dead, or that the dead did not get to give, is given again. */
  #ringEverybody(): void {
    ring(this.#board, 0);
    for (const slot of this.#living.keys()) ring(this.#board, slot);
  }

  #find(task: TaskId): Living | undefined {
    const living = this.#living.get(task.slot);
    if (living?.start.task.generation !== task.generation) return undefined;
    return phaseOfTask(this.#board, task) === Phase.free ? undefined : living;
  }
}

/** The slot of the task that a message came from; undefined if that task has ended meanwhile. */
function slotOf(member: Member | undefined): number | undefined {
  return member === undefined ? 0 : member.start?.task.slot;
}

function idsOfLegacy({ outcome, lane }: Legacy): readonly number[] {
  return [...outcome, ...idsCarried(lane)];
}

function endStateOf(how: EndKind): EndStateValue {
  if (how === "done") return EndState.clean;
  return how === "killed" || how === "crashed" ? EndState.killed : EndState.failed;
}

function crashParcel(start: Start, code: number, error: unknown): Parcel {
  const name = `The task "${start.name}"`;
  if (error === undefined) {
    return toParcel(
      new QuipeError(
        "crashed",
        `${name} ended its thread with exit code ${code} before it had a result.`,
      ),
    );
  }
  return toParcel(
    new QuipeError("crashed", `${name} crashed: ${inWords(error)}`, { cause: error }),
  );
}
