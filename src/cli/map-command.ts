/**
 * `quipe map`: records in, one line of JSON out for each, on N tasks.
 *
 *    input ─► RecordInput ─► runMap over N tasks ─► LineOutput ─► output
 *                                  ▲                          └─ failures, progress, summary ─► stderr
 *               --share: frozen once, by reference to every task
 *
 * Order of things: everything that can be wrong with the request is found out before the output is
 * opened, so a typing error empties no file. Lines are written whole or not at all.
 */
import { statSync } from "node:fs";
import { parallelism } from "../runtime/host.ts";
import { Crew } from "../pool/crew.ts";
import { runMap } from "../pool/map-run.ts";
import { startWorker } from "../pool/starting-workers.ts";
import type { MapOutcome } from "../pool/work-window.ts";
import { entryOf } from "../task/entry.ts";
import { CommandError } from "./command-error.ts";
import type { MapRequest } from "./command-line.ts";
import { describeFailure, keptLine } from "./failure-report.ts";
import { Interruption } from "./interruption.ts";
import { LineOutput } from "./line-output.ts";
import { Progress, count, duration, rate } from "./progress.ts";
import { RecordInput, formOfFormat } from "./record-input.ts";
import { makeLineFunction, type RecordTaskPlan } from "./record-task.ts";
import { loadSharedFiles } from "./shared-data.ts";
import type { SourceRecord } from "./source-record.ts";
import { locateUserFunction } from "./user-module.ts";

type Outcomes = readonly MapOutcome<SourceRecord>[];

/** So many failures are told of in full; the summary counts the rest. */
const failuresShown = 20;

/** Does one `quipe map`; returns its exit code. Throws a `CommandError` when it cannot be done as asked. */
export async function runMapCommand(request: MapRequest): Promise<number> {
  const user = locateUserFunction(request.module);
  const shared = await loadSharedFiles(request.shared);
  const input = new RecordInput(request.inputPath, request.format);
  try {
    refuseSameFile(input, request.outputPath);
    return await new MapCommand(request, input).run(
      { user, form: formOfFormat(request.format) },
      shared,
    );
  } finally {
    input.stop();
  }
}

class MapCommand {
  readonly #request: MapRequest;
  readonly #input: RecordInput;
  readonly #output: LineOutput;
  readonly #progress: Progress;
  readonly #tasks: number;
  #failed = 0;

  constructor(request: MapRequest, input: RecordInput) {
    this.#request = request;
    this.#input = input;
    this.#output = new LineOutput(request.outputPath);
    this.#tasks = request.tasks ?? parallelism();
    this.#progress = new Progress({
      stream: process.stderr,
      style: progressStyle(request),
      totalBytes: input.totalBytes,
    });
  }

  async run(plan: RecordTaskPlan, shared: Readonly<Record<string, unknown>>): Promise<number> {
    const interruption = new Interruption(() => this.#input.stop());
    const { ordered, timeoutMs } = this.#request;
    const crew = new Crew({ size: this.#tasks, start: () => startWorker({ name: "map" }) });
    const outcomes = runMap({
      crew,
      ownsCrew: true,
      fn: crew.makeFunction({
        name: "map",
        entry: entryOf(makeLineFunction),
        making: [plan, shared],
      }),
      concurrency: this.#tasks,
      ordered,
      timeoutMs,
      signal: interruption.signal,
      source: this.#input.records(),
    });
    try {
      const end = await this.#writeAll(outcomes);
      await this.#output.open(); // Also a run without results leaves an output behind.
      await this.#output.close();
      this.#summarize(end);
      return this.#failed > 0 ? 1 : 0;
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
      await this.#output.close();
      this.#summarize("interrupted");
      return interruption.exitCode;
    } finally {
      this.#progress.stop();
      interruption.dispose();
    }
  }

  /** Writes results until there are no more, nobody reads them, or a record fails under `stop`. */
  async #writeAll(batches: AsyncIterable<Outcomes>): Promise<"all" | "stopped" | "unread"> {
    for await (const outcomes of batches) {
      const { lines, stop } = this.#linesOf(outcomes);
      if (lines !== "" && !(await this.#output.write(lines))) return "unread";
      if (stop) return "stopped";
    }
    return "all";
  }

  #linesOf(outcomes: Outcomes): { readonly lines: string; readonly stop: boolean } {
    const { onError } = this.#request;
    let lines = "";
    for (const outcome of outcomes) {
      this.#progress.records += 1;
      this.#progress.offset = outcome.item.offset;
      if (outcome.ok) {
        lines += `${String(outcome.value)}\n`;
        continue;
      }
      this.#failed += 1;
      if (this.#failed <= failuresShown) this.#progress.print(describeFailure(outcome));
      if (onError === "stop") return { lines, stop: true };
      if (onError === "keep") lines += `${keptLine(outcome)}\n`;
    }
    return { lines, stop: false };
  }

  #summarize(end: "all" | "stopped" | "unread" | "interrupted"): void {
    const { records, elapsedMs } = this.#progress;
    this.#progress.stop();
    if (end === "unread") return; // Whoever stopped reading does not want to be told.
    const hidden = this.#failed - failuresShown;
    if (hidden > 0) this.#progress.print(`… and ${count(hidden)} more failures`);
    const parts = [
      `${count(records)} ${records === 1 ? "record" : "records"} in ${duration(elapsedMs)}`,
      `${rate(records, elapsedMs)} on ${this.#tasks} ${this.#tasks === 1 ? "task" : "tasks"}`,
    ];
    if (this.#failed > 0) parts.push(`${count(this.#failed)} failed`);
    if (end === "stopped") parts.push("stopped at the first failure");
    if (end === "interrupted") parts.push("interrupted");
    this.#progress.print(parts.join(", "));
  }
}

/** On a terminal that shows the results themselves, a bar among them would only be in the way. */
function progressStyle({ progress, outputPath }: MapRequest): "bar" | "lines" | "none" {
  if (!progress) return "none";
  if (!process.stderr.isTTY) return "lines";
  return process.stdout.isTTY && outputPath === undefined ? "none" : "bar";
}

function refuseSameFile(input: RecordInput, outputPath: string | undefined): void {
  if (outputPath === undefined || input.identity === undefined) return;
  const status = statSync(outputPath, { throwIfNoEntry: false });
  if (status === undefined || `${status.dev}:${status.ino}` !== input.identity) return;
  throw new CommandError(`${outputPath} is both the input and the output.`);
}
