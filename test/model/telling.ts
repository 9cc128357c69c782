/** Tells an execution to people: what each step was, and where everybody stood at the end. */
import { seatOf } from "./choice.ts";
import {
  at,
  NOWHERE,
  OPERATIONS,
  PHASE,
  SEAT,
  TRACE,
  TRACE_WORDS,
  unpackChoice,
  unpackLocation,
  WAIT_ANSWERS,
  WORDS,
} from "./control.ts";
import type { Control } from "./control.ts";
import type { Failure } from "./execution.ts";
import type { PlannedKill } from "./schedule.ts";
import { describeKill } from "./schedule.ts";

/** Names of a program's parts, by number. */
export interface Names {
  readonly threads: readonly string[];
  readonly buffers: readonly string[];
}

/** One line for each step. */
export function tellSteps(control: Control, names: Names, kill: PlannedKill | undefined): string[] {
  const width = Math.max(...names.threads.map((name) => name.length));
  const lines: string[] = [];
  const killedBefore = at(control.words, WORDS.killedBefore);
  for (let step = 0; step <= at(control.words, WORDS.steps); step++) {
    if (step === killedBefore && kill !== undefined) {
      lines.push(
        `       ${(names.threads[kill.thread] ?? "?").padEnd(width)}  ${describeKill(kill)}`,
      );
    }
    if (step === at(control.words, WORDS.steps)) break;
    const { chosen } = unpackChoice(at(control.trace, step * TRACE_WORDS + TRACE.choice));
    const name = (names.threads[chosen] ?? "?").padEnd(width);
    lines.push(`${String(step + 1).padStart(5)}  ${name}  ${tellStep(control, names, step)}`);
  }
  return lines;
}

/** Who stands where: for deadlocks. */
export function tellWaits(control: Control, names: Names): string {
  const stuck = names.threads.flatMap((name, thread) => {
    const seat = seatOf(thread);
    const phase = at(control.seats, seat + SEAT.phase);
    if (phase === PHASE.killed) return [`${name} is dead`];
    if (phase !== PHASE.blocked && phase !== PHASE.awaiting) return [];
    return [`${name} waits on ${tellWord(names, at(control.seats, seat + SEAT.location))}`];
  });
  return stuck.join(", ");
}

function tellStep(control: Control, names: Names, step: number): string {
  const word = (offset: number): number => at(control.trace, step * TRACE_WORDS + offset);
  const operation = OPERATIONS[word(TRACE.operation)] ?? "start";
  const place = tellWord(names, word(TRACE.location));
  const [first, result] = [word(TRACE.first), word(TRACE.result)];
  switch (operation) {
    case "start":
      return "starts";
    case "load":
      return `load(${place}) → ${result}`;
    case "store":
      return `store(${place}, ${first})`;
    case "add":
    case "or":
    case "and":
    case "exchange":
      return `${operation}(${place}, ${first}) → ${result}`;
    case "compareExchange":
      return `compareExchange(${place}, ${first}, ${word(TRACE.second)}) → ${result}`;
    case "wait":
    case "waitAsync":
      return `${operation}(${place}, ${first}) → ${WAIT_ANSWERS[result]}`;
    case "notify":
      return `notify(${place}), ${result} woken`;
    case "pause":
      return "pauses before its plain code";
    case "resume":
      return `goes on after waiting on ${place} → ${WAIT_ANSWERS[result]}`;
  }
}

function tellWord(names: Names, location: number): string {
  if (location === NOWHERE) return "a timer";
  const { buffer, word } = unpackLocation(location);
  return `${names.buffers[buffer] ?? "?"}[${word}]`;
}

/** A failure as a text with all that is needed to see it again. */
export function tellFailure(program: string, failure: Failure, preemptions: number): string {
  return [
    failure.problem,
    "",
    `  schedule: ${failure.schedule}  (${preemptions} pre-emptions)`,
    `  again:    QUIPE_SCHEDULE="${program}: ${failure.schedule}" node --test dist/test/model/programs.test.js`,
    "",
    ...failure.steps,
  ].join("\n");
}
