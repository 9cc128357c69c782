/**
 * The scheduler: which thread takes the next step. Runs in whichever thread has the turn.
 *
 * The default schedule never pre-empts: a thread runs until it waits, ends, is killed or spins, and then the
 * next one in a circle goes on. The plan says at which steps to choose otherwise. So an execution is
 * determined by its plan, and the trace (every choice with the other possibilities) is enough
 * for the explorer to derive all the plans that go one deviation further.
 */
import {
  at,
  EXPLORER,
  OUTCOME,
  packChoice,
  PHASE,
  REASON,
  SEAT,
  SEAT_WORDS,
  SLOT,
  SLOTS,
  TRACE,
  TRACE_WORDS,
  WORDS,
} from "./control.ts";
import type { Choice, Control } from "./control.ts";

/** First word of a thread's seat. */
export function seatOf(thread: number): number {
  return thread * SEAT_WORDS;
}

/** Word with the state of one wait of a thread; its location follows. */
export function slotOf(thread: number, slot: number): number {
  return seatOf(thread) + SEAT.slots + 2 * slot;
}

/** The thread that gets the turn next, or the explorer if the execution is over. */
export function chooseNext(control: Control, reasonIfAble: number): number {
  const { words } = control;
  const unstarted = firstUnstarted(control);
  if (unstarted >= 0) return unstarted;
  const step = at(words, WORDS.steps);
  const choice = followPlan(control, step, defaultChoice(control, reasonIfAble));
  if (choice === undefined) return EXPLORER;
  control.trace[step * TRACE_WORDS + TRACE.choice] = packChoice(choice);
  words[WORDS.steps] = step + 1;
  words[WORDS.last] = choice.chosen;
  const stepsWord = seatOf(choice.chosen) + SEAT.steps;
  control.seats[stepsWord] = at(control.seats, stepsWord) + 1;
  if (((choice.able >> choice.chosen) & 1) === 0) fireTimeout(control, choice.chosen);
  return choice.chosen;
}

/** Ends the execution; the first end counts. */
export function endExecution(control: Control, outcome: number, thread: number): undefined {
  if (at(control.words, WORDS.outcome) !== OUTCOME.running) return;
  control.words[WORDS.outcome] = outcome;
  control.words[WORDS.outcomeThread] = thread;
}

/** Wakes everything that waits on a word, as `notify` does, and says how many that were. */
export function wakeWaiters(control: Control, location: number): number {
  const { words, seats } = control;
  let woken = 0;
  for (let thread = 0; thread < at(words, WORDS.threads); thread++) {
    for (let slot = 0; slot < SLOTS; slot++) {
      const word = slotOf(thread, slot);
      const waits = at(seats, word) === SLOT.waiting || at(seats, word) === SLOT.timed;
      if (!waits || at(seats, word + 1) !== location) continue;
      seats[word] = SLOT.woken;
      woken++;
    }
  }
  return woken;
}

/** Every thread first runs up to its first operation, in order; that much is no choice and no step. */
function firstUnstarted(control: Control): number {
  if (at(control.words, WORDS.outcome) !== OUTCOME.running) return -1;
  for (let thread = 0; thread < at(control.words, WORDS.threads); thread++) {
    if (at(control.seats, seatOf(thread) + SEAT.phase) === PHASE.unstarted) return thread;
  }
  return -1;
}

function defaultChoice(control: Control, reasonIfAble: number): Choice | undefined {
  const { able, timed } = takeCensus(control);
  const last = at(control.words, WORDS.last);
  const others = last < 0 ? able : able & ~(1 << last);
  const reason = others === able ? REASON.stopped : reasonIfAble;
  if (able !== others && reason !== REASON.spins) return { chosen: last, able, timed, reason };
  if (others !== 0) return { chosen: nextInCircle(last, others), able, timed, reason };
  if (timed !== 0) return { chosen: firstDue(control, timed), able, timed, reason };
  if (able !== 0) return { chosen: last, able, timed, reason };
  const stuck = firstWaiting(control);
  return endExecution(control, stuck < 0 ? OUTCOME.ended : OUTCOME.deadlock, stuck);
}

function followPlan(
  control: Control,
  step: number,
  byDefault: Choice | undefined,
): Choice | undefined {
  const { words, plan } = control;
  if (byDefault === undefined || at(words, WORDS.outcome) !== OUTCOME.running) return undefined;
  if (step >= at(words, WORDS.stepLimit)) {
    return endExecution(control, OUTCOME.tooLong, byDefault.chosen);
  }
  const followed = at(words, WORDS.followed);
  if (followed >= at(words, WORDS.planned) || plan[2 * followed] !== step) return byDefault;
  words[WORDS.followed] = followed + 1;
  const chosen = at(plan, 2 * followed + 1);
  if ((((byDefault.able | byDefault.timed) >> chosen) & 1) === 1) return { ...byDefault, chosen };
  return endExecution(control, OUTCOME.diverged, chosen);
}

/** Who could go on, and who would if its timeout fired. */
function takeCensus(control: Control): { readonly able: number; readonly timed: number } {
  const fires = at(control.words, WORDS.timeouts) === 1;
  let able = 0;
  let timed = 0;
  for (let thread = 0; thread < at(control.words, WORDS.threads); thread++) {
    const phase = at(control.seats, seatOf(thread) + SEAT.phase);
    if (phase === PHASE.ready || hasSlot(control, thread, SLOT.woken)) able |= 1 << thread;
    else if (fires && hasSlot(control, thread, SLOT.timed)) timed |= 1 << thread;
  }
  return { able, timed };
}

/** Whether one of the waits that the thread is stopped by is in this state. */
function hasSlot(control: Control, thread: number, state: number): boolean {
  return findSlot(control, thread, state) >= 0;
}

function findSlot(control: Control, thread: number, state: number): number {
  const phase = at(control.seats, seatOf(thread) + SEAT.phase);
  if (phase !== PHASE.blocked && phase !== PHASE.awaiting) return -1;
  const first = phase === PHASE.blocked ? 0 : 1;
  const end = phase === PHASE.blocked ? 1 : SLOTS;
  for (let slot = first; slot < end; slot++) {
    if (control.seats[slotOf(thread, slot)] === state) return slot;
  }
  return -1;
}

function fireTimeout(control: Control, thread: number): void {
  const slot = nextTimeout(control, thread);
  control.clock[0] = Math.max(at(control.clock, 0), at(control.due, thread * SLOTS + slot));
  control.seats[slotOf(thread, slot)] = SLOT.fired;
}

/** The slot whose timeout is due first among those a thread is stopped by, -1 if there is none. */
function nextTimeout(control: Control, thread: number): number {
  let next = findSlot(control, thread, SLOT.timed);
  if (next < 1) return next;
  for (let slot = next + 1; slot < SLOTS; slot++) {
    if (control.seats[slotOf(thread, slot)] !== SLOT.timed) continue;
    if (at(control.due, thread * SLOTS + slot) < at(control.due, thread * SLOTS + next))
      next = slot;
  }
  return next;
}

function dueTime(control: Control, thread: number): number {
  return at(control.due, thread * SLOTS + nextTimeout(control, thread));
}

/** The thread of a mask whose timeout is due first. */
function firstDue(control: Control, mask: number): number {
  let first = nextInCircle(-1, mask);
  for (let thread = first + 1; mask >> thread !== 0; thread++) {
    if (((mask >> thread) & 1) === 0) continue;
    if (dueTime(control, thread) < dueTime(control, first)) first = thread;
  }
  return first;
}

function firstWaiting(control: Control): number {
  for (let thread = 0; thread < at(control.words, WORDS.threads); thread++) {
    const phase = at(control.seats, seatOf(thread) + SEAT.phase);
    if (phase === PHASE.blocked || phase === PHASE.awaiting) return thread;
  }
  return -1;
}

/** The first thread of a mask after `last`, going round. */
function nextInCircle(last: number, mask: number): number {
  for (let thread = last + 1; thread < 32; thread++) {
    if (((mask >> thread) & 1) === 1) return thread;
  }
  return nextInCircle(-1, mask);
}
