/**
 * The reaper's roster: which tasks are alive, on which thread each runs, and how to reach it.
 *
 *   slot ──▶ Living ──▶ member (its thread), parcels and buffers that go with it
 *   slot 0 is the root task, which is never listed: it lives as long as the program
 *
 * A task is listed from the moment the reaper hears of it until it is buried.
 */
import { type Link, ReaperLink } from "../runtime/links.ts";
import { type Board, Phase, type TaskId, phaseOfTask, ring } from "../sync/board.ts";
import type { Start, ToThread } from "../sync/messages.ts";
import type { Member } from "./staff.ts";
import { type Supplies, idsNamedBy } from "./supplies.ts";

/** A task that is not dead yet. */
export interface Living {
  readonly start: Start;
  /** Its thread; undefined until it has been given one. */
  readonly member: Member | undefined;
  /** The shared buffers that its arguments name, until it has them. */
  carries: readonly number[];
  /** Parcels made for its ends, which go with it. */
  readonly parcels: number[];
}

const ROOT: TaskId = { slot: 0, generation: 1 };

/** The tasks that are alive. Only the reaper has one. */
export class Roster {
  readonly #board: Board;
  readonly #root: Link;
  readonly #living = new Map<number, Living>();
  /** Where threads cannot fetch shared buffers while they block. */
  supplies: Supplies | undefined;

  constructor(board: Board, root: Link) {
    this.#board = board;
    this.#root = root;
    this.#wakeByMail(root, ROOT.slot);
  }

  /** Lists a task, and again when it is given a thread, or another one since its first one was unfit. */
  enter(start: Start, member?: Member): void {
    const parcels = this.#living.get(start.task.slot)?.parcels ?? [];
    const { carries } = start.arguments;
    this.#living.set(start.task.slot, { start, member, carries, parcels });
    if (member === undefined) return;
    this.#wakeByMail(member.link, start.task.slot);
    this.supplies?.send(member.link, carries);
  }

  /** The task, unless it is dead. */
  find(task: TaskId): Living | undefined {
    const living = this.#living.get(task.slot);
    if (living?.start.task.generation !== task.generation) return undefined;
    return phaseOfTask(this.#board, task) === Phase.free ? undefined : living;
  }

  /** Strikes a task off. */
  strike(task: TaskId): void {
    this.#living.delete(task.slot);
  }

  /** Whether a slot has a listed tenant, whichever. */
  hasTenant(slot: number): boolean {
    return this.#living.has(slot);
  }

  /** How many tasks are alive. */
  get size(): number {
    return this.#living.size;
  }

  /** Every living task. */
  all(): Iterable<Living> {
    return this.#living.values();
  }

  /** Whether a task lives; the root always does. */
  isAlive({ slot, generation }: TaskId): boolean {
    return slot === ROOT.slot || this.#living.get(slot)?.start.task.generation === generation;
  }

  /** The spawner, if it lives; else the root. */
  heirOf(spawner: TaskId): TaskId {
    return this.isAlive(spawner) ? spawner : ROOT;
  }

  /** What people call the task in `slot`. */
  nameOf(slot: number): string {
    if (slot === 0) return "the main thread";
    return `the task "${this.#living.get(slot)?.start.name ?? "that is being stopped"}"`;
  }

  /** Puts a message into the inbox of the task in `slot`, and rings. With a `generation`: only if it is that tenant. */
  tell(slot: number, message: ToThread, generation?: number): void {
    const living = this.#living.get(slot);
    if (generation !== undefined && slot !== 0 && living?.start.task.generation !== generation)
      return;
    const link = slot === 0 ? this.#root : living?.member?.link;
    if (link instanceof ReaperLink) this.#tellByMail(link, message);
    else link?.postMessage(message);
    ring(this.#board, slot);
  }

  /** What a message names goes before it. */
  #tellByMail(link: ReaperLink, message: ToThread): void {
    if (message.kind === "buffer") {
      this.supplies?.answer(link, message.id);
      return;
    }
    this.supplies?.send(link, idsNamedBy(message));
    link.postMessage(message);
  }

  /** Answers for each of these numbers, at once, whether a buffer comes. */
  supplyThose(ids: readonly number[], slot: number): void {
    const link = slot === ROOT.slot ? this.#root : this.#living.get(slot)?.member?.link;
    if (!(link instanceof ReaperLink)) return;
    for (const id of ids) this.supplies?.answer(link, id);
    ring(this.#board, slot);
  }

  /**
   * Resolves once everything is handled that any task has said so far, or can no longer say. Undefined where what was said always
   * arrives.
   */
  heardAll(): Promise<unknown> | undefined {
    const links = [this.#root, ...[...this.all()].map(({ member }) => member?.link)];
    const lossy = links.filter((link) => link instanceof ReaperLink);
    if (lossy.length === 0) return undefined;
    return Promise.all(lossy.map((link) => link.heardOut()));
  }

  #wakeByMail(link: Link, slot: number): void {
    if (link instanceof ReaperLink) link.ringBy(() => ring(this.#board, slot));
  }

  /** Wakes every task to look again: a wake-up that was meant for the dead, or that it owed, is given again. */
  ringEverybody(): void {
    ring(this.#board, 0);
    for (const slot of this.#living.keys()) ring(this.#board, slot);
  }
}
