/**
 * The reaper's directory of shared buffers: id to buffer, for threads that meet an id they do not know. It
 * also decides when nobody can ask for a buffer any more, so that its memory can go.
 *
 *   holding "pins"        a region      live while a task pins it; or, in flight or abandoned, while a task that
 *                                       had it has a view of it, by which that or its heir may take it over
 *   holding "ends"        a quipe       live while a task pins it, or that published it has not reported it unused
 *   holding "publisher"   any buffer    live while a task that published it lives and has not reported it unused
 *   holding "messages"    a parcel      the same; its receiver reports it
 *
 * and all of them while a message carries them, or a live buffer does. Messages lie in lanes, where the reaper
 * can read them, so nothing is counted that a kill could leave miscounted.
 *
 * Namespaces are read in the same way: what a name is bound to is carried as long as the table says so. For a thaw that
 * does not count, unless the name is locked, and then the thaw is refused: whoever comes by a region through a name pins it
 * first and then looks whether it is frozen still, so it is seen, or sees that the thaw has begun.
 *
 * Why a sweep is exact though tasks run on: a buffer is dropped only if it had no holder when the holders
 * were read, was in no message when the messages were read afterwards, and no pin was set in between. After
 * the first reading it can be in messages only; to leave one, or to get into another, somebody must first
 * pin it, and a pin is counted before anything else happens.
 *
 * A fetch may overtake its publish, since they come from different threads; it then waits here. A browser may lose what a thread
 * has posted with that thread, so there it waits only for those who may still have the publish on its way.
 */
import { markStuck } from "../memory/guard-lock.ts";
import { isGuard, repairGuards } from "../memory/guard-repair.ts";
import { ballastFor } from "../memory/ballast.ts";
import { slotsPinned, unpinWords } from "../memory/pins.ts";
import { type Board, type TaskId, pinsSet, takeBufferId } from "../sync/board.ts";
import { bequeath, giveBackTitle, tellThawingOwner } from "../memory/titles.ts";
import { bequeathNames, leaveNames, namesLocking } from "../namespace/kept-names.ts";
import { isNamespace } from "../namespace/versions.ts";
import type { TakenEntry } from "../quipe/handles.ts";
import { toParcel } from "../quipe/parcels.ts";
import { QuipeMemory } from "../quipe/quipe-memory.ts";
import {
  type Entry,
  allWords,
  carriedBy,
  carriesOf,
  isHeld,
  isPinnable,
  wordsNow,
} from "./directory-entry.ts";
import { buryLostEnds, endWasLost, endsAway, tokensLeaving } from "./lost-ends.ts";
import type { Parcel, Publication, Supplied } from "../sync/messages.ts";

/** Answers one fetch; with nothing if the buffer is gone. */
export type FetchAnswer = (buffer: SharedArrayBuffer | undefined) => void;

/** Who keeps a region from being thawed. */
export interface RegionHolders {
  /** The slots of the tasks that pin it. */
  readonly slots: readonly number[];
  /** Whether a message carries it, or something else that is alive refers to it. */
  readonly isCarried: boolean;
  /** The locked names that hold it in place, in words. */
  readonly lockedNames: readonly string[];
}

/** Stands for the reaper where a publisher's slot is asked for. */
export const REAPER = -1;

/** How often the holders are read again because a pin was set meanwhile. */
const TRIES = 8;
/** Ids are handed out in order, so those of forgotten drops are below a bound. */
const REMEMBERED_DROPS = 65_536;

/** Shared buffers by id. Only the reaper has one. */
export class Directory {
  readonly #board: Board;
  readonly #carriedIds: () => Iterable<number>;
  readonly #entries = new Map<number, Entry>();
  readonly #waiting = new Map<number, FetchAnswer[]>();
  readonly #suspects = new Set<number>();
  readonly #dropped = new Set<number>();
  /** Numbers that messages carried which are gone, and that name no buffer: tokens of ends, which may be lost. */
  readonly #lostTokens = new Set<number>();
  /** What buffers carry, whose own publication is still on its way here. */
  readonly #early = new Map<number, readonly number[]>();
  #forgottenBelow = 0;
  /** Hears of each buffer that was published again, or dropped. */
  onChange: ((id: number, isThere: boolean) => void) | undefined;

  /** `carriedIds` reads, at the moment it is called, which buffers are named by messages that nobody has received. */
  constructor(board: Board, carriedIds: () => Iterable<number>) {
    this.#board = board;
    this.#carriedIds = carriedIds;
  }

  /** How many buffers are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether a sweep has anything to look at. */
  get hasSuspects(): boolean {
    return this.#suspects.size > 0 || this.#lostTokens.size > 0;
  }

  /** A buffer with all that it leads to, as far as it is here. */
  *reachedFrom(ids: readonly number[]): Iterable<Supplied & Pick<Entry, "holding">> {
    const reached = new Set(ids);
    for (const id of reached) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      yield { id, buffer: entry.buffer, holding: entry.holding, edition: entry.edition };
      for (const next of carriedBy(entry)) reached.add(next);
    }
  }

  /** Enters a buffer for the task in `slot`; undefined for a task that has ended meanwhile. */
  publish(publication: Publication, slot: number | undefined): void {
    const { id, buffer } = publication;
    const isKnown = this.#entries.has(id);
    const entry = this.#enter(publication);
    if (isKnown) this.onChange?.(id, true);
    if (slot !== undefined) entry.publishers.add(slot);
    if (!isHeld(entry)) this.#suspects.add(id);
    for (const answer of this.#waiting.get(id) ?? []) answer(buffer);
    this.#waiting.delete(id);
  }

  /** Publishes a parcel in the reaper's own name; it lives until it is {@link unused}. Returns its number. */
  publishParcel({ bytes, carries }: Parcel): number {
    const id = takeBufferId(this.#board);
    const buffer = new SharedArrayBuffer(bytes.byteLength);
    new Uint8Array(buffer).set(new Uint8Array(bytes));
    this.publish({ id, buffer, holding: "messages", carries }, REAPER);
    return id;
  }

  /** Answers at once if that is possible, else once it is published; says whether it has answered. */
  fetch(id: number, answer: FetchAnswer): boolean {
    const buffer = this.#entries.get(id)?.buffer;
    const isKnown = buffer !== undefined || this.isGone(id);
    if (isKnown) answer(buffer);
    else this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), answer]);
    return isKnown;
  }

  /** Answers whoever waits for a buffer that it is gone, since nobody is left who could publish it. */
  giveUp(id: number): void {
    const waiting = this.#waiting.get(id) ?? [];
    if (waiting.length > 0) this.#noteDropped(id);
    this.#waiting.delete(id);
    for (const answer of waiting) answer(undefined);
  }

  /** Whether a buffer is here. */
  has(id: number): boolean {
    return this.#entries.has(id);
  }

  /** Whether a buffer was here and was dropped. */
  isGone(id: number): boolean {
    if (this.#entries.has(id)) return false;
    return this.#dropped.has(id) || id < this.#forgottenBelow;
  }

  /** The parcel with number `id`, as long as it is here. */
  parcel(id: number): Parcel | undefined {
    const entry = this.#entries.get(id);
    if (entry?.holding !== "messages") return undefined;
    return entry && { bytes: new Uint8Array(entry.buffer).slice().buffer, carries: entry.carries };
  }

  /** From now on a buffer carries these, too, if it is here or comes yet. */
  carryAlso(id: number, ids: readonly number[]): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.carries = [...entry.carries, ...ids];
    else if (!this.isGone(id)) this.#early.set(id, ids);
  }

  /** A task has no more use for a buffer. For a parcel that was the last one. */
  unused(id: number, slot: number | undefined): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.holding === "messages") entry.publishers.clear();
    else if (slot !== undefined) entry.publishers.delete(slot);
    this.#suspects.add(id);
  }

  /** Its owner gave a region's memory back, which may hold another one by now. */
  released(id: number): void {
    if (this.#entries.has(id)) this.#drop(id);
  }

  /** Items that named these buffers lie in a lane from which nobody will receive any more. */
  refused(ids: readonly number[]): void {
    for (const id of ids) this.unused(id, REAPER);
    this.noLongerCarried(ids);
  }

  /** Messages that named these buffers were received, or never will be: whoever waits for that looks again. */
  noLongerCarried(ids: readonly number[]): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry === undefined) {
        this.#lostTokens.add(id);
        continue;
      }
      this.#suspects.add(id);
      if (entry.holding === "pins") tellThawingOwner(entry.words, this.#board);
      else if (entry.publishers.size === 0) this.noLongerCarried(entry.carries);
    }
  }

  /** A task is dead: it pins and publishes nothing any more. */
  taskDied(slot: number): void {
    for (const [id, entry] of this.#entries) {
      if (isPinnable(entry)) unpinWords(entry.words, slot);
      if (isNamespace(entry.words)) leaveNames(entry.buffer, slot);
      entry.publishers.delete(slot);
      if (!isHeld(entry)) this.#suspects.add(id);
    }
  }

  /** Who keeps a region from being thawed, at one moment. */
  holdersOf(id: number): RegionHolders {
    const entry = this.#entries.get(id);
    if (entry === undefined) return { slots: [], isCarried: false, lockedNames: [] };
    for (let i = 0; i < TRIES; i++) {
      const pinsBefore = pinsSet(this.#board);
      const slots = slotsPinned(entry.words);
      const shown = this.#shownBy(id);
      if (pinsSet(this.#board) === pinsBefore) return { slots, ...shown };
    }
    return { slots: [], isCarried: true, lockedNames: [] }; // too busy to tell; whoever pins now rings when it leaves
  }

  /** A task is dead: what it had open under guards is undone or finished, and others get in. Can be repeated. */
  repairGuards(slot: number): void {
    const guards = [...this.#entries.values()].filter(
      ({ holding, words }) => holding === "pins" && isGuard(words),
    );
    const wordsOf = (id: number): Int32Array | undefined => allWords(this.#entries.get(id));
    repairGuards(guards.map(wordsNow), wordsOf, this.#board, slot);
  }

  /** The quipes of which an end was ever sent. */
  *quipes(): Iterable<QuipeMemory> {
    for (const { quipe } of this.#entries.values()) if (quipe !== undefined) yield quipe;
  }

  /** Whether the task in `slot` pins a buffer. */
  isPinnedBy(id: number, slot: number): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && slotsPinned(entry.words).includes(slot);
  }

  /** Whether any message, or anything live, carries a number. */
  isCarried(id: number): boolean {
    return this.#carriedByLive().has(id);
  }

  /** A task died before it had acknowledged the message that moved these to it: they are on their way again. */
  giveBack(ids: readonly number[], dead: TaskId): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry?.holding === "pins") giveBackTitle(entry.words, dead);
    }
  }

  /** A killed task could not be stopped: who waits for a guard that it is inside of is told. */
  markStuck(slot: number): void {
    for (const { holding, words } of this.#entries.values()) {
      if (holding === "pins" && isGuard(words)) markStuck(words, slot);
    }
  }

  /** The owner of some regions is dead: they go to its heir. */
  inherit(dead: TaskId, heir: TaskId): void {
    for (const { holding, words, buffer } of this.#entries.values()) {
      if (isNamespace(words)) bequeathNames(buffer, dead, heir);
      else if (holding === "pins") bequeath(words, dead, heir);
    }
  }

  /** Drops the suspects that nobody holds. False if tasks pinned buffers or sent ends meanwhile: then try again later. */
  sweep(): boolean {
    const pinsBefore = pinsSet(this.#board);
    const loose = [...this.#suspects].filter((id) => this.#isLoose(id));
    const tokens = this.#lostTokens;
    const mustLook = loose.length > 0 || tokens.size > 0;
    const quipes = tokens.size > 0 ? [...this.quipes()] : [];
    const leaving = quipes.flatMap((quipe) => tokensLeaving(quipe, tokens));
    const away = quipes.flatMap((quipe) => endsAway(quipe, tokens)); // before what is carried
    const live = mustLook ? this.#carriedByLive() : new Set<number>();
    if (pinsSet(this.#board) !== pinsBefore) return false;
    this.#buryLostEnds(away, live);
    this.#suspects.clear();
    for (const id of loose) if (!live.has(id)) this.#drop(id);
    for (const token of leaving) this.#lostTokens.add(token);
    return !this.hasSuspects || (leaving.length === 0 && this.sweep());
  }

  #buryLostEnds(away: readonly TakenEntry[], live: ReadonlySet<number>): void {
    this.#lostTokens.clear();
    const parcelFor = ({ id }: QuipeMemory): number => {
      const parcelId = this.publishParcel(toParcel(endWasLost()));
      this.carryAlso(id, [parcelId]);
      this.unused(parcelId, REAPER);
      return parcelId;
    };
    buryLostEnds(away, live, { board: this.#board, parcelFor });
  }

  /** A region comes again after it was thawed; it may be in another buffer then, and refer to others. */
  #enter(publication: Publication): Entry {
    const { id, buffer } = publication;
    const known = this.#entries.get(id);
    if (known !== undefined && !isPinnable(known)) return known;
    const quipe = publication.holding === "ends" ? new QuipeMemory(buffer) : undefined;
    const words = quipe?.words ?? new Int32Array(buffer, 0, buffer.byteLength >> 2);
    const publishers = known?.publishers ?? new Set<number>();
    const carries = [...carriesOf(publication, words, known), ...(this.#early.get(id) ?? [])];
    this.#early.delete(id);
    const ballast = ballastFor(buffer.byteLength);
    const entry: Entry = { ...publication, carries, words, publishers, ballast, quipe };
    this.#entries.set(id, entry);
    return entry;
  }

  #isLoose(id: number): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && !isHeld(entry);
  }

  /** What messages carry, and what is carried by anything live, over any number of steps. */
  #carriedByLive(inMessages: ReadonlySet<number> = this.#inMessages()): Set<number> {
    const carried = new Set(inMessages);
    for (const entry of this.#entries.values()) {
      if (!isHeld(entry)) continue;
      for (const id of carriedBy(entry)) carried.add(id);
    }
    for (const id of carried) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) for (const next of carriedBy(entry)) carried.add(next);
    }
    return carried;
  }

  /** What is named where a task may still come by it, other than by something else that is here. */
  #inMessages(): Set<number> {
    const ids = new Set(this.#carriedIds());
    for (const early of this.#early.values()) for (const id of early) ids.add(id);
    return ids;
  }

  /** What shows the content of a region, besides the tasks that pin it; and what holds it in place. */
  #shownBy(id: number): Omit<RegionHolders, "slots"> {
    const inMessages = this.#inMessages();
    const live = this.#carriedByLive(inMessages);
    let isCarried = inMessages.has(id);
    const lockedNames: string[] = [];
    for (const entry of this.#entries.values()) {
      if (!isHeld(entry) && !live.has(entry.id)) continue;
      if (isNamespace(entry.words)) lockedNames.push(...namesLocking(entry.buffer, id));
      else isCarried ||= entry.carries.includes(id);
    }
    return { isCarried, lockedNames };
  }

  #drop(id: number): void {
    const dropped = this.#entries.get(id);
    for (const carried of dropped === undefined ? [] : carriedBy(dropped)) {
      this.#suspects.add(carried);
      const entry = this.#entries.get(carried);
      if (entry === undefined) this.#lostTokens.add(carried);
      if (entry?.holding === "pins") tellThawingOwner(entry.words, this.#board);
    }
    this.#entries.delete(id);
    this.onChange?.(id, false);
    this.#noteDropped(id);
  }

  #noteDropped(id: number): void {
    this.#dropped.add(id);
    for (const oldest of this.#dropped) {
      if (this.#dropped.size <= REMEMBERED_DROPS) break;
      this.#dropped.delete(oldest);
      this.#forgottenBelow = Math.max(this.#forgottenBelow, oldest + 1);
    }
  }
}
