/**
 * The board: one shared buffer per program, in which every task has a slot of words.
 *
 *   header   MAGIC · NEXT_BUFFER_ID · NEXT_SLOT · PINS_SET
 *   slot 0   STATE · DOORBELL · BLOCKED_ON · …        the root task: the thread that used quipe first
 *   slot 1   STATE · DOORBELL · BLOCKED_ON · …
 *   …
 *
 * | word           | written by                                     | read by
 * | STATE          | allocation (any task), the reaper, the task    | anybody
 * | CLAIMANT       | the task that allocates, before STATE; the reaper once it has heard of the new task, or of the claimant's death
 * | DOORBELL       | whoever changed what the task may wait for     | the task, asleep on it
 * | BLOCKED_ON     | the task, before it sleeps and after           | anybody, for diagnosis only
 * | NEXT_BUFFER_ID | any task, by atomic add                        |
 * | NEXT_SLOT      | any task, by atomic add; a hint where to look  |
 * | PINS_SET       | any task, after it has pinned a region         | the reaper, to see that none was set meanwhile
 *
 * STATE holds a generation and a phase. A handle names a task by slot and generation: once the generation
 * has moved on, or the phase is FREE, that task is dead and repaired; so a stale handle can never reach the
 * slot's next tenant, because every change is a compare-and-set on both at once.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { add, compareExchange, glance, load, notify, store } from "../runtime/atomics.ts";

/** How many tasks may be alive at once. */
export const MAX_TASKS = 1024;

const MAGIC = 0x51_75_69_70;
const HEADER_WORDS = 16;
const SLOT_WORDS = 16;
const MAGIC_WORD = 0;
const NEXT_BUFFER_ID = 1;
const NEXT_SLOT = 2;
const PINS_SET = 3;
const STATE = 0;
const DOORBELL = 1;
const BLOCKED_ON = 2;
/** 0, or one more than the slot of the task that claims this one and has not yet told the reaper for whom. */
const CLAIMANT = 3;

const PHASE_BITS = 4;
const PHASE_MASK = (1 << PHASE_BITS) - 1;
const MAX_GENERATION = 0x7ff_ffff;

/** FREE is also what a dead and repaired task leaves behind. */
export const Phase = {
  free: 0,
  starting: 1,
  running: 2,
  cancelling: 3,
  dying: 4,
} as const;

/** One of the values of {@link Phase}. */
export type PhaseValue = (typeof Phase)[keyof typeof Phase];

/** What a task sleeps on, for people who ask why it does not go on. */
export const BlockedOn = {
  nothing: 0,
  lane: 1,
  task: 2,
  buffer: 3,
  other: 4,
  guard: 5,
  select: 6,
} as const;

/** The identity of one task: a slot, and which tenant of it. */
export interface TaskId {
  readonly slot: number;
  readonly generation: number;
}

/** Whether both name the same tenant of the same slot. */
export function isSameTask(one: TaskId, other: TaskId): boolean {
  return one.slot === other.slot && one.generation === other.generation;
}

/** A board, as seen by one thread. */
export interface Board {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
}

/** How much shared memory a board takes. */
export const BOARD_BYTES: number = (HEADER_WORDS + MAX_TASKS * SLOT_WORDS) * 4;

/** Makes a board, in zeroed memory, whose slot 0 is already running. */
export function createBoard(buffer: SharedArrayBuffer = new SharedArrayBuffer(BOARD_BYTES)): Board {
  const words = new Int32Array(buffer);
  words[MAGIC_WORD] = MAGIC;
  words[NEXT_BUFFER_ID] = 1;
  words[NEXT_SLOT] = 1;
  words[slotWord(0, STATE)] = packed(1, Phase.running);
  return { buffer, words };
}

/** The view of a board that another thread made. */
export function openBoard(buffer: SharedArrayBuffer): Board {
  const words = new Int32Array(buffer);
  if (words[MAGIC_WORD] !== MAGIC) throw new QuipeBug("a thread was handed a board that is none");
  return { buffer, words };
}

/** A number that no other shared buffer of this program has. */
export function takeBufferId(board: Board): number {
  const id = add(board.words, NEXT_BUFFER_ID, 1);
  if (id <= 0)
    throw new QuipeError("unsupported", "More than two billion shared buffers were made.");
  return id;
}

/** Counts a pin that this task has just set on some region, before it does anything else. */
export function notePin(board: Board): void {
  add(board.words, PINS_SET, 1);
}

/** How many pins were ever set. */
export function pinsSet(board: Board): number {
  return load(board.words, PINS_SET);
}

/**
 * Claims a free slot for a new task, in phase `starting`, by the task in the slot `claimant`. Throws `too-many-tasks`
 * when there is none. The slot says who claims it before it is taken, so that it is given back if that task dies
 * before the reaper has heard of the new one.
 */
export function claimSlot(board: Board, claimant: number): TaskId {
  const { words } = board;
  const hint = add(words, NEXT_SLOT, 1);
  for (let i = 0; i < MAX_TASKS; i++) {
    const slot = ((hint + i) >>> 0) % MAX_TASKS;
    const word = slotWord(slot, STATE);
    if (phaseOf(load(words, word)) !== Phase.free) continue;
    if (compareExchange(words, slotWord(slot, CLAIMANT), 0, claimant + 1) !== 0) continue;
    const state = load(words, word); // somebody may have had it in between
    const generation = generationOf(state) === MAX_GENERATION ? 1 : generationOf(state) + 1;
    const claimed = packed(generation, Phase.starting);
    const isFree = phaseOf(state) === Phase.free;
    if (isFree && compareExchange(words, word, state, claimed) === state)
      return { slot, generation };
    store(words, slotWord(slot, CLAIMANT), 0);
  }
  throw tooManyTasks(board);
}

/** The reaper knows of the task in a slot: from here on it is not its claimant's any more. */
export function endClaim({ words }: Board, slot: number): void {
  store(words, slotWord(slot, CLAIMANT), 0);
}

/** Gives back what a dead task had claimed for tasks that the reaper never heard of. Can be repeated. */
export function endClaimsOf(board: Board, dead: number): void {
  const { words } = board;
  for (let slot = 0; slot < MAX_TASKS; slot++) {
    if (words[slotWord(slot, CLAIMANT)] !== dead + 1) continue;
    const state = load(words, slotWord(slot, STATE));
    const task = { slot, generation: generationOf(state) };
    if (phaseOf(state) === Phase.starting) advance(board, task, Phase.starting, Phase.free);
    endClaim(board, slot);
  }
}

function tooManyTasks(board: Board): QuipeError {
  const { dying } = countSlots(board);
  const stopping =
    dying === 0 ? "" : ` Of these ${dying} are ending, or were killed and their threads run on.`;
  return new QuipeError(
    "too-many-tasks",
    `${MAX_TASKS} tasks are alive, which is the limit.${stopping} Wait for some to end, or use a pool.`,
  );
}

/** How many slots have a task, the root's with them, and in how many of these its end is decided already. */
export function countSlots({ words }: Board): { readonly taken: number; readonly dying: number } {
  let taken = 0;
  let dying = 0;
  for (let slot = 0; slot < MAX_TASKS; slot++) {
    const phase = phaseOf(load(words, slotWord(slot, STATE)));
    if (phase !== Phase.free) taken += 1;
    if (phase === Phase.dying) dying += 1;
  }
  return { taken, dying };
}

/** Where a task is in its life; `free` when it is dead and repaired. Never waits. */
export function phaseOfTask(board: Board, task: TaskId): PhaseValue {
  const state = load(board.words, slotWord(task.slot, STATE));
  return generationOf(state) === task.generation ? phaseOf(state) : Phase.free;
}

/** Whether a task runs and nothing is to stop it, as far as is known here: a look that costs next to nothing. */
export function seemsRunning(board: Board, task: TaskId): boolean {
  return glance(board.words, slotWord(task.slot, STATE)) === packed(task.generation, Phase.running);
}

/** Moves a task from one phase to the next; false if it is not in `from`, and then nothing has changed. */
export function advance(board: Board, task: TaskId, from: PhaseValue, to: PhaseValue): boolean {
  const expected = packed(task.generation, from);
  const word = slotWord(task.slot, STATE);
  return compareExchange(board.words, word, expected, packed(task.generation, to)) === expected;
}

/**
 * Decides that a task ends: the first caller wins, whatever the task was doing, and nobody after.
 * What the end was travels by message; this word only says that it is settled.
 */
export function decide(board: Board, task: TaskId): boolean {
  const word = slotWord(task.slot, STATE);
  for (;;) {
    const state = load(board.words, word);
    const phase = phaseOf(state);
    if (generationOf(state) !== task.generation) return false;
    if (phase === Phase.free || phase === Phase.dying) return false;
    const dying = packed(task.generation, Phase.dying);
    if (compareExchange(board.words, word, state, dying) === state) return true;
  }
}

/** A text that no other task has. */
export function keyOfTask({ slot, generation }: TaskId): string {
  return `${slot}.${generation}`;
}

/** Wakes a task: it looks again at everything that it waits for. */
export function ring(board: Board, slot: number): void {
  const word = doorbellWord(slot);
  add(board.words, word, 1);
  notify(board.words, word);
}

/** The word on which the task in `slot` sleeps. */
export function doorbellWord(slot: number): number {
  return slotWord(slot, DOORBELL);
}

/** Notes what the task in `slot` is about to sleep on. */
export function noteBlockedOn(board: Board, slot: number, what: number): void {
  store(board.words, slotWord(slot, BLOCKED_ON), what);
}

/** What the task in `slot` said last that it sleeps on. */
export function blockedOn(board: Board, slot: number): number {
  return load(board.words, slotWord(slot, BLOCKED_ON));
}

function slotWord(slot: number, word: number): number {
  return HEADER_WORDS + slot * SLOT_WORDS + word;
}

function packed(generation: number, phase: PhaseValue): number {
  return (generation << PHASE_BITS) | phase;
}

function phaseOf(state: number): PhaseValue {
  return (state & PHASE_MASK) as PhaseValue;
}

function generationOf(state: number): number {
  return state >>> PHASE_BITS;
}
