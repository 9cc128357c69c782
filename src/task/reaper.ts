/**
 * The reaper: the one thread that physically starts every worker, proves deaths, repairs and tells.
 *
 *   tasks ── spawn · cancel · kill · ended · publish · fetch ──▶ reaper ── outcome · buffer · cancel ──▶ tasks
 *
 * It does nothing else and never blocks, so it hears of every death at once, and a task that sleeps in `Atomics.wait` learns
 * of it through its doorbell. Workers are never nested: a worker's worker would die with it and nobody would be told.
 *
 * Every way to end takes the same path: decide (one compare-and-set on the board), fence (proof that the
 * thread has stopped: staff.ts), the children in its scopes (kin.ts), repair and publish (burial.ts). A thread
 * that says it has ended its task and left nothing running is proof enough; of any other the end is awaited.
 * A bug in here ends the program loudly: whoever sleeps is woken and told.
 */
import { type QuipeError, inWords } from "../errors.ts";
import { endThread, onStrayError } from "../runtime/host.ts";
import type { Link } from "../runtime/links.ts";
import type { Seat } from "../runtime/start-thread.ts";
import { fromParcel } from "../quipe/decode.ts";
import { countSmall } from "../memory/ballast.ts";
import { toParcel } from "../quipe/parcels.ts";
import { QuipeMemory } from "../quipe/quipe-memory.ts";
import {
  type Board,
  Phase,
  type PhaseValue,
  type TaskId,
  advance,
  decide,
  endClaim,
  isSameTask,
  openBoard,
  phaseOfTask,
  ring,
} from "../sync/board.ts";
import type { GuestPorts } from "../sync/enrolment.ts";
import type { Census, Parcel, Start, ToThread } from "../sync/messages.ts";
import type { ToReaper } from "../sync/requests.ts";
import { joinThread } from "../sync/thread.ts";
import { type Dead, type Ending, type Estate, bury, buryLate } from "./burial.ts";
import { crashError, openerEnded, refusalError } from "./crash-errors.ts";
import { Directory, type FetchAnswer, REAPER } from "./directory.ts";
import { idsUnderWay } from "./ends-burial.ts";
import { type Cancel, Kin } from "./kin.ts";
import { Legacies } from "./legacies.ts";
import { type Living, Roster } from "./roster.ts";
import { type Member, Staff } from "./staff.ts";
import { Supplies } from "./supplies.ts";
import { Timetable } from "./timetable.ts";
import { type Raise, Unheard } from "./unheard.ts";

/** Makes this thread the reaper of a program. */
export function superviseTasks(board: SharedArrayBuffer, { link, nudge }: Seat): void {
  joinThread({ board: openBoard(board), task: { slot: -1, generation: -1 }, link: undefined });
  // The root may be busy with other things than quipe, so its inbox alone would not do.
  const reaper = new Reaper(openBoard(board), link, nudge);
  nudge(); // it has begun
  link.on("message", (message) => reaper.receive(undefined, message as ToReaper));
  onStrayError((error) => {
    // A bug. All workers end with this thread; the root, which may be asleep, has to hear why.
    link.postMessage({ kind: "reaperFailed", why: inDetail(error) } satisfies ToThread);
    ring(openBoard(board), 0);
    endThread(1);
  });
}

function inDetail(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inWords(error);
}

/** By whom a task is killed that has outstayed its deadline. */
const ITS_DEADLINE = "its deadline";

/** The messages that are about shared buffers and not about tasks. */
type OfBuffers = Extract<
  ToReaper,
  {
    readonly kind:
      | "publish"
      | "unused"
      | "released"
      | "refused"
      | "holders"
      | "undelivered"
      | "fetch"
      | "prefetch";
  }
>;

class Reaper {
  readonly #board: Board;
  readonly #staff: Staff;
  readonly #directory: Directory;
  readonly #roster: Roster;
  readonly #legacies = new Legacies();
  readonly #unheard: Unheard;
  readonly #kin: Kin;
  readonly #timetable: Timetable;
  readonly #estate: Estate;
  #sweepIsDue = false;

  constructor(board: Board, root: Link, wakeRoot: () => void) {
    const tellRoot: Raise = (name, parcel) => {
      this.#roster.tell(0, { kind: "lost", name, parcel });
      wakeRoot();
    };
    this.#board = board;
    this.#roster = new Roster(board, root);
    this.#kin = new Kin(this.#roster);
    this.#timetable = new Timetable({
      cancel: (task, cancel) => this.#cancel(task, cancel, ITS_DEADLINE),
      kill: ({ task, reason, by }) => this.#kill(task, reason, by),
    });
    this.#directory = new Directory(board, () => this.#idsCarried());
    this.#roster.supplies = new Supplies(this.#directory, root);
    this.#unheard = new Unheard(this.#directory, this.#roster, tellRoot);
    this.#estate = {
      board,
      unheard: this.#unheard,
      directory: this.#directory,
      roster: this.#roster,
      legacies: this.#legacies,
    };
    this.#staff = new Staff(board.buffer, {
      onMessage: (member, message) => this.receive(member, message),
      onExit: (member, code) => this.#exited(member, code),
      onAssigned: (start, member) => this.#roster.enter(start, member),
      onRefused: (start, error) => this.#crash(start, refusalError(start, error)),
      onUnfit: (start, error) => this.#giveUp(start, error),
    });
  }

  receive(member: Member | undefined, message: ToReaper): void {
    switch (message.kind) {
      case "ready":
        return member === undefined ? undefined : this.#staff.ready(member);
      case "spawn":
        return this.#spawn(message.start, message.guest);
      case "guestGone":
        return this.#guestGone(message);
      case "begun":
        return this.#begun(message.task);
      case "cancel":
        return this.#cancel(message.task, message, this.#nameOf(member, message.task));
      case "kill":
        return this.#kill(message.task, message.reason, this.#nameOf(member, message.task));
      case "ended":
        return this.#ended(member, message);
      case "vacated":
        return member && this.#staff.dismiss(member, message.reusable);
      case "received":
        return this.#noLongerCarried(this.#legacies.outcomeReceived(message.task));
      case "heard":
        return this.#unheard.heard(message.task);
      case "census":
        return this.#tellCensus(message.slot);
      default:
        return this.#receiveOfBuffers(member, message);
    }
  }

  #receiveOfBuffers(member: Member | undefined, message: OfBuffers): void {
    switch (message.kind) {
      case "publish":
        this.#roster.supplies?.noteHas(member?.link, message.publication);
        this.#directory.publish(message.publication, slotOf(member));
        return this.#unheard.published(message.publication);
      case "unused":
        this.#directory.unused(message.id, slotOf(member));
        return this.#sweepSoon();
      case "released":
        this.#directory.released(message.id);
        return this.#sweepSoon();
      case "refused":
        this.#directory.refused(message.ids);
        return this.#sweepSoon();
      case "holders":
        return this.#tellHolders(message.id, message.slot);
      case "undelivered":
        return this.#undelivered(message);
      case "fetch":
        return this.#fetch(message.id, message.slot);
      case "prefetch":
        return this.#roster.supplyThose(message.ids, message.slot);
    }
  }

  #fetch(id: number, slot: number): void {
    const tell: FetchAnswer = (buffer) => this.#roster.tell(slot, { kind: "buffer", id, buffer });
    if (this.#directory.fetch(id, tell)) return;
    void this.#roster.heardAll()?.then(() => this.#directory.giveUp(id));
  }

  /** The parcel lives until the task that it is for has read it. */
  #undelivered(message: Extract<ToReaper, { kind: "undelivered" }>): void {
    const { home, quipe, why, parcel } = message;
    const parcelId = this.#directory.publishParcel(parcel);
    const told: ToThread = { kind: "undelivered", quipe, why, parcelId };
    if (this.#roster.isAlive(home)) this.#roster.tell(home.slot, told, home.generation);
    else this.#directory.unused(parcelId, REAPER);
  }

  #tellCensus(slot: number): void {
    const census: Census = {
      tasks: this.#roster.size,
      threads: this.#staff.size,
      buffers: this.#directory.size,
    };
    this.#roster.tell(slot, { kind: "census", census });
  }

  #tellHolders(id: number, slot: number): void {
    const { slots, isCarried, lockedNames } = this.#directory.holdersOf(id);
    const tasks = slots
      .filter((other) => other !== slot)
      .map((other) => this.#roster.nameOf(other));
    this.#roster.tell(slot, { kind: "holders", id, tasks, inMessages: isCarried, lockedNames });
  }

  #spawn(start: Start, guest?: GuestPorts): void {
    endClaim(this.#board, start.task.slot);
    countSmall(start.quipe.byteLength);
    const tooLate = this.#lateness(start);
    if (tooLate === undefined) {
      this.#roster.enter(start);
      this.#timetable.enter(start);
      if (guest === undefined) this.#staff.assign(start);
      else this.#staff.admit(start, { ports: guest, end: () => this.#endGuest(start) });
    } else if (advance(this.#board, start.task, Phase.starting, Phase.dying)) {
      const ending: Ending = { how: "cancelled", parcel: tooLate, stopped: true };
      if (guest !== undefined) this.#endGuest(start);
      this.#bury({ start, parcels: [] }, ending);
    }
  }

  /** The thread that made it has to do it; if that has ended, so has the guest. */
  #endGuest({ task, spawner }: Start): void {
    this.#roster.tell(spawner.slot, { kind: "endGuest", task }, spawner.generation);
  }

  #guestGone({ task, why }: Extract<ToReaper, { kind: "guestGone" }>): void {
    this.#roster.find(task)?.member?.hearWhy?.(fromParcel(why));
  }

  /** A task's worker is not fit to run it. */
  #giveUp({ task }: Start, error: QuipeError): void {
    const living = this.#roster.find(task);
    if (living === undefined || !decide(this.#board, task)) return;
    void this.#fenceAndBury(living, { how: "crashed", parcel: toParcel(error) });
  }

  /** Why a task must not begin any more, if that is so. */
  #lateness({ stillborn, scope, spawner, isShielded }: Start): Parcel | undefined {
    if (stillborn !== undefined || scope === undefined) return stillborn;
    if (isOver(phaseOfTask(this.#board, spawner)))
      return openerEnded(this.#roster.nameOf(spawner.slot));
    return isShielded === true ? undefined : this.#kin.cancelOf(spawner)?.reason;
  }

  /** A task has its arguments, and holds what they name. */
  #begun(task: TaskId): void {
    const living = this.#roster.find(task);
    if (living === undefined) return;
    const { carries } = living;
    living.carries = [];
    this.#noLongerCarried(carries);
  }

  #noLongerCarried(ids: readonly number[]): void {
    this.#directory.noLongerCarried(ids);
    this.#sweepSoon();
  }

  #cancel(task: TaskId, cancel: Cancel, by: string): void {
    const living = this.#roster.find(task);
    if (living === undefined) return;
    const { reason, graceMs } = cancel;
    if (advance(this.#board, task, Phase.starting, Phase.dying)) {
      // It has not begun and never will, since its thread does not get it from starting to running.
      this.#staff.withdraw(living.start);
      this.#bury(living, { how: "cancelled", parcel: reason, stopped: true });
      return;
    }
    if (phaseOfTask(this.#board, task) === Phase.running) {
      // The reason first: whoever sees the phase finds it in the inbox.
      this.#roster.tell(task.slot, { kind: "cancel", task, reason });
      advance(this.#board, task, Phase.running, Phase.cancelling);
      ring(this.#board, task.slot);
    }
    // A later cancel may bring a shorter grace; the first reason stays.
    if (graceMs !== undefined) this.#timetable.killAfter(graceMs, { task, reason, by });
    this.#kin.cancelled(task, cancel);
    for (const child of this.#kin.underCancelOf(task)) this.#cancel(child.start.task, cancel, by);
  }

  /** Who asks something about `task`, in words. */
  #nameOf(member: Member | undefined, task: TaskId): string {
    if (member === undefined) return this.#roster.nameOf(0);
    const { start } = member;
    if (start === undefined) return "a task that has ended";
    return isSameTask(start.task, task) ? "itself" : this.#roster.nameOf(start.task.slot);
  }

  #kill(task: TaskId, reason: Parcel, by: string): void {
    const living = this.#roster.find(task);
    if (living === undefined || !decide(this.#board, task)) return;
    ring(this.#board, task.slot); // it may be asleep in a wait that it can only leave by itself
    void this.#fenceAndBury(living, { how: "killed", parcel: reason, by });
  }

  #ended(member: Member | undefined, message: Extract<ToReaper, { kind: "ended" }>): void {
    const { task, how, parcel, reusable } = message;
    const living = this.#roster.find(task);
    const isDecided = living !== undefined && decide(this.#board, task);
    // Whatever it left running could still write into what the burial repairs.
    if (isDecided && !reusable) return void this.#fenceAndBury(living, { how, parcel });
    if (isDecided) this.#bury(living, { how, parcel, stopped: true });
    if (member?.start !== undefined && isSameTask(member.start.task, task)) {
      if (reusable === "later") this.#staff.vacate(member);
      else this.#staff.dismiss(member, reusable);
    }
  }

  #exited(member: Member, code: number | undefined): void {
    const { start } = member;
    if (start === undefined) return;
    const hasBegun = phaseOfTask(this.#board, start.task) !== Phase.starting;
    if (member.isWarm && !hasBegun) return this.#spawn(start); // what ended the thread was left over
    if (this.#kin.stopped(start.task)) return; // it is buried after its children
    if (this.#isGivenUp(start.task)) {
      buryLate(start, this.#estate);
      this.#sweepSoon();
    } else this.#crash(start, crashError(start, code, member.lastError));
  }

  /** A task has no thread any more, or gets none. */
  #crash({ task }: Start, error: QuipeError): void {
    const living = this.#roster.find(task);
    if (living === undefined || !decide(this.#board, task)) return;
    this.#bury(living, { how: "crashed", parcel: toParcel(error), stopped: true });
  }

  async #fenceAndBury(living: Living, ending: Omit<Ending, "stopped">): Promise<void> {
    const { start, member } = living;
    const isUnassigned = this.#staff.withdraw(start) || member === undefined;
    const stopped = isUnassigned || (await this.#staff.stop(member));
    this.#bury(living, { ...ending, stopped });
  }

  /** Buries a task after the children in its scopes, and then whoever waited for that. */
  #bury(dead: Dead, ending: Ending): void {
    const { task } = dead.start;
    const kin = this.#kin.innermostOf(task);
    if (kin.length > 0) {
      this.#kin.wait(dead, ending);
      const opener = this.#roster.nameOf(task.slot);
      const why = openerEnded(opener);
      for (const child of kin) this.#kill(child.start.task, why, `the end of ${opener}`);
      return;
    }
    bury(dead, ending, this.#estate);
    this.#timetable.strike(task);
    const next = this.#kin.buried(dead.start);
    if (next !== undefined) this.#bury(next.dead, next.ending);
    this.#sweepSoon();
  }

  /** Whether a task is published as dead though its thread had not stopped by then. */
  #isGivenUp(task: TaskId): boolean {
    return phaseOfTask(this.#board, task) === Phase.dying && !this.#roster.hasTenant(task.slot);
  }

  /** The shared buffers that are named by arguments, outcomes and items which may still have to be decoded. */
  *#idsCarried(): Iterable<number> {
    for (const { start, carries } of this.#roster.all()) {
      yield* carries;
      yield* idsUnderWay(new QuipeMemory(start.quipe));
    }
    for (const memory of this.#directory.quipes()) yield* idsUnderWay(memory);
    yield* this.#legacies.idsCarried();
  }

  #sweepSoon(): void {
    if (this.#sweepIsDue || !this.#directory.hasSuspects) return;
    this.#sweepIsDue = true;
    setTimeout(() => {
      this.#sweepIsDue = false;
      if (!this.#directory.sweep()) this.#sweepSoon();
      this.#unheard.handlesDropped();
    });
  }
}

/** The slot of the task that a message came from; undefined if that task has ended meanwhile. */
function slotOf(member: Member | undefined): number | undefined {
  return member === undefined ? 0 : member.start?.task.slot;
}

function isOver(phase: PhaseValue): boolean {
  return phase === Phase.dying || phase === Phase.free;
}
