/**
 * Schedules: how one is planned, what the next ones are, and how one is written down.
 *
 * Written, a schedule is a line of tokens: `0*5` thread 0 takes five steps, `1t` the timeout of thread 1
 * fires, `0k` thread 0 is killed where it stands. Threads are numbered in the order of the program; the
 * repairing thread comes last.
 *
 * A *tear* says which of the victim's plain writes since its last step are lost with it. Nothing orders
 * them, so any might be; tried are: none (`0k`), all (`0k-`), only the second (`0k-2`), all but the
 * second (`0k+2`), counting written words by address, up to the eighth.
 */
import { REASON } from "./control.ts";
import type { Choice, Operation } from "./control.ts";

/** One place where a schedule leaves the default one; the others are found through `before`. */
export interface Deviation {
  readonly before: Deviation | undefined;
  readonly step: number;
  readonly thread: number;
}

/** A thread's death: after how many of its steps, and what becomes of its plain writes since. */
export interface PlannedKill {
  readonly thread: number;
  readonly steps: number;
  /** 0 loses nothing, 1 all; then alternately only one word, and all but that one. */
  readonly tear: number;
}

/** All that determines one execution. */
export interface Schedule {
  readonly deviation: Deviation | undefined;
  readonly kill: PlannedKill | undefined;
}

/** One step as it was executed: the choice, and what the chosen thread did. */
export interface Step extends Choice {
  readonly operation: Operation;
  readonly location: number;
}

/** A schedule as it was executed. */
export interface ExecutedSchedule {
  readonly steps: readonly Step[];
  /** Step before which the kill happened, -1 if none did. */
  readonly killedBefore: number;
  /** Words the victim had written plainly since its last step. */
  readonly tornWords: number;
}

/** A schedule one decision longer. */
export interface Successor {
  readonly schedule: Schedule;
  /** The step that it pre-empts, undefined if it pre-empts none. */
  readonly preempted: Step | undefined;
  /** Pre-emptions that the decision takes. */
  readonly cost: 0 | 1;
}

const TORN_WORDS = 8;

/** Whether a tear loses the victim's plain write of this number. */
export function isLost(tear: number, number: number): boolean {
  if (tear < 2) return tear === 1;
  const isNamed = number === Math.floor(tear / 2) - 1;
  return tear % 2 === 0 ? isNamed : !isNamed;
}

/** Every tear of so many written words that differs from losing nothing. */
export function tearsOf(words: number): number[] {
  if (words < 2) return words === 0 ? [] : [1];
  if (words === 2) return [1, 2, 4];
  return Array.from({ length: 2 * Math.min(words, TORN_WORDS) + 1 }, (_, index) => index + 1);
}

/** The deviations of a schedule in the order of their steps. */
export function listDeviations(last: Deviation | undefined): Deviation[] {
  const deviations: Deviation[] = [];
  for (let next = last; next !== undefined; next = next.before) deviations.push(next);
  return deviations.reverse();
}

/** Every schedule that goes beyond this one by one decision, a later one, so that each comes up once. */
export function successorsOf(schedule: Schedule, executed: ExecutedSchedule): Successor[] {
  const { deviation, kill } = schedule;
  const successors: Successor[] = [];
  const decided = deviation?.step ?? -1;
  const isTorn = kill !== undefined && kill.tear > 0;
  if (kill !== undefined && !isTorn && decided < executed.killedBefore) {
    for (const tear of tearsOf(executed.tornWords)) {
      const torn = { deviation, kill: { ...kill, tear } };
      successors.push({ schedule: torn, preempted: undefined, cost: 0 });
    }
  }
  const first = isTorn ? Math.max(decided + 1, executed.killedBefore) : decided + 1;
  for (let step = first; step < executed.steps.length; step++) {
    const choice = executed.steps[step];
    if (choice === undefined || choice.reason === REASON.looksAgain) continue;
    const possible = (choice.able | choice.timed) & ~(1 << choice.chosen);
    for (let thread = 0; possible >> thread !== 0; thread++) {
      if (((possible >> thread) & 1) === 0) continue;
      const next = { deviation: { before: deviation, step, thread }, kill };
      const preempted = choice.reason === REASON.goOn ? choice : undefined;
      successors.push({ schedule: next, preempted, cost: costOf(choice, thread) });
    }
  }
  return successors;
}

/** Choosing freely costs nothing where the thread that ran had to stop; a timeout out of turn always costs. */
function costOf(choice: Choice, thread: number): 0 | 1 {
  const isTimeout = ((choice.able >> thread) & 1) === 0;
  return isTimeout || choice.reason !== REASON.stopped ? 1 : 0;
}

/** Writes a schedule down; {@link parseSchedule} is the opposite. */
export function formatSchedule(schedule: Schedule, executed: ExecutedSchedule): string {
  const tokens: { text: string; count: number }[] = [];
  const push = (text: string): void => {
    const last = tokens.at(-1);
    if (last?.text === text) last.count++;
    else tokens.push({ text, count: 1 });
  };
  const { kill } = schedule;
  const { steps, killedBefore } = executed;
  for (let step = 0; step <= steps.length; step++) {
    if (kill !== undefined && step === killedBefore)
      push(`${kill.thread}k${formatTear(kill.tear)}`);
    const choice = steps[step];
    if (choice === undefined) break;
    const isTimeout = ((choice.able >> choice.chosen) & 1) === 0;
    push(isTimeout ? `${choice.chosen}t` : `${choice.chosen}`);
  }
  return tokens.map(({ text, count }) => (count === 1 ? text : `${text}*${count}`)).join(" ");
}

/** Reads a schedule; every step becomes a deviation, so that nothing is left to default. */
export function parseSchedule(text: string): Schedule {
  let deviation: Deviation | undefined;
  let kill: PlannedKill | undefined;
  for (const token of text.split(/\s+/).filter((part) => part !== "")) {
    const parts = /^(\d)(?:t?(?:\*(\d+))?|k([-+]\d*)?)$/.exec(token);
    if (parts === null) {
      throw new TypeError(`Expected a token such as "0*5", "1t" or "0k", got "${token}".`);
    }
    const thread = Number(parts[1]);
    if (token.includes("k")) {
      const steps = listDeviations(deviation).filter((step) => step.thread === thread).length;
      kill = { thread, steps, tear: parseTear(parts[3] ?? "") };
      continue;
    }
    for (let i = 0; i < Number(parts[2] ?? 1); i++) {
      deviation = { before: deviation, step: (deviation?.step ?? -1) + 1, thread };
    }
  }
  return { deviation, kill };
}

/** What a kill does, for people. */
export function describeKill({ tear }: PlannedKill): string {
  if (tear < 2) return tear === 0 ? "killed" : "killed, its plain writes since its last step lost";
  const word = `word ${Math.floor(tear / 2)} of its plain writes since its last step`;
  return tear % 2 === 0 ? `killed, ${word} lost` : `killed, only ${word} kept`;
}

function formatTear(tear: number): string {
  if (tear < 2) return tear === 0 ? "" : "-";
  return `${tear % 2 === 0 ? "-" : "+"}${Math.floor(tear / 2)}`;
}

function parseTear(text: string): number {
  if (text.length < 2) return text.length;
  return 2 * Number(text.slice(1)) + (text.startsWith("-") ? 0 : 1);
}
