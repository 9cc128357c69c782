/**
 * What happens to a task, one thing after the other, for anybody who has its handle and at any time.
 *
 *   started ─▶ progress ─▶ progress ─▶ … ─▶ ended
 *
 * Nothing is queued: each subscription looks at the shared words and at the outcome, and tells what is new. Of several
 * reports since the last look it tells the last, so that a slow consumer costs no memory.
 */
import { QuipeError } from "../errors.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { thisThread } from "../sync/thread.ts";
import { type WaitTarget, park } from "../sync/wait.ts";
import { type Life, beganAt, endedAt, lastReport, unwatchLife, watchLife } from "./life.ts";
import type { Outcome } from "./outcome.ts";
import { type Report, reportIn } from "./progress.ts";
import { parcelWith } from "./sent-handle.ts";

/** Something that happened to a {@link Task}; `atMs` is the time, in milliseconds since 1970. */
export type TaskEvent<Result = unknown> =
  | { readonly kind: "started"; readonly atMs: number }
  | { readonly kind: "progress"; readonly value: unknown; readonly atMs: number }
  | { readonly kind: "ended"; readonly outcome: Outcome<Result>; readonly atMs: number };

/** A task that is watched. */
export interface Watched<Result> {
  readonly life: Life;
  readonly waitFor: WaitTarget;
  /** The outcome, once it is known here. Never waits. */
  outcome(): Outcome<Result> | undefined;
  /** The last report, as it came with the outcome. */
  lastWords(): Report | undefined;
}

/** How many subscriptions of this thread watch each life. */
const subscriptions = new WeakMap<Life, number>();

/** Tells all that happens from the beginning on. Rejects `cancelled` in a task that is cancelled. */
export async function* eventsOf<Result>(
  task: Watched<Result>,
): AsyncGenerator<TaskEvent<Result>, void, undefined> {
  const told: Told = { hasStarted: false, report: 0 };
  const stop = subscribe(task.life);
  try {
    for (;;) {
      let next = lookNow(task, told);
      if (next === undefined) {
        await park(() => (next = look(task, told)) !== undefined, task.waitFor);
      }
      if (next === undefined) continue;
      yield next;
      if (next.kind === "ended") return;
    }
  } finally {
    stop();
  }
}

/** What can be told at once; a report may name memory that is on its way, and is waited for then. */
function lookNow<Result>(task: Watched<Result>, told: Told): TaskEvent<Result> | undefined {
  try {
    return look(task, told);
  } catch (error) {
    if (isOnItsWay(error)) return undefined;
    throw error;
  }
}

interface Told {
  hasStarted: boolean;
  /** The number of the last report that was told. */
  report: number;
}

function look<Result>(task: Watched<Result>, told: Told): TaskEvent<Result> | undefined {
  const outcome = task.outcome(); // before the others, which are then final
  const startedAt = beganAt(task.life);
  if (!told.hasStarted && startedAt !== undefined) {
    told.hasStarted = true;
    return { kind: "started", atMs: startedAt };
  }
  const report = newReport(task, told);
  if (report !== undefined) return { kind: "progress", ...report };
  return outcome && { kind: "ended", outcome, atMs: endedAt(task.life) };
}

/** The last report, if it was not told yet. One that is replaced while it is fetched is gone: then the next one is. */
function newReport<Result>(task: Watched<Result>, told: Told): Report | undefined {
  for (;;) {
    const id = lastReport(task.life);
    if (id === told.report) return undefined;
    const report = fetched(id) ?? task.lastWords();
    if (report === undefined && lastReport(task.life) !== id) continue;
    told.report = id;
    return report;
  }
}

function fetched(id: number): Report | undefined {
  try {
    return reportIn(parcelWith(id));
  } catch (error) {
    if (error instanceof QuipeError && error.code === "released") return undefined;
    throw error;
  }
}

/** Has this thread rung whenever there is something new in `life`, until the result is called. */
export function subscribe(life: Life): () => void {
  const { slot } = thisThread().task;
  const count = subscriptions.get(life) ?? 0;
  subscriptions.set(life, count + 1);
  if (count === 0) watchLife(life, slot);
  return () => {
    const left = (subscriptions.get(life) ?? 1) - 1;
    subscriptions.set(life, left);
    if (left === 0) unwatchLife(life, slot);
  };
}
