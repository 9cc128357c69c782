/**
 * A mapper without a thread: a test decides when it answers, and when and how it dies.
 */
import { QuipeError } from "../../src/errors.ts";
import { createProgress, noteBegun, noteFinished } from "../../src/pool/mapper-progress.ts";
import type { MapperBatch, MapperReply } from "../../src/pool/mapper.ts";
import type { MapperOutcome, MapperTask, StartedMapper } from "../../src/pool/mapper-slot.ts";

/** What a fake mapper does with each value: an answer, or `"stuck"`, or `"dies"`. */
export type FakeFunction = (value: unknown) => unknown;

/** Answers of a {@link FakeFunction} that are no values. */
export const stuck: unique symbol = Symbol("stuck");
/** The mapper dies while it works on the record. */
export const dies: unique symbol = Symbol("dies");

/** A mapper that works as soon as it is given something, one record for each turn of the event loop. */
export class FakeMapper implements MapperTask {
  readonly started: StartedMapper;
  readonly outcome: Promise<MapperOutcome>;
  readonly seen: unknown[] = [];
  readonly #progress = createProgress();
  readonly #call: FakeFunction;
  readonly #work: [number, unknown][] = [];
  readonly #replies: MapperReply[] = [["ready"]];
  #receiving: { resolve(reply: MapperReply): void; reject(error: unknown): void } | undefined;
  #end: QuipeError | undefined;
  #settle: (outcome: MapperOutcome) => void = () => undefined;
  #busy = false;
  readonly quipe: MapperTask["quipe"];

  constructor(call: FakeFunction) {
    this.#call = call;
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    this.started = { task: this, progress: this.#progress };
    this.quipe = {
      trySend: (batch) => this.#accept(batch),
      send: (batch) => Promise.resolve(void this.#accept(batch)),
      tryReceive: () => this.#next(),
      receive: () => this.#receive(),
      close: () => this.die({ kind: "done" }),
    };
  }

  kill(reason?: unknown): Promise<boolean> {
    this.die({ kind: "killed", reason });
    return Promise.resolve(true);
  }

  die(outcome: MapperOutcome): void {
    if (this.#end !== undefined) return;
    this.#end = new QuipeError(outcome.kind === "done" ? "ended" : "peer-killed", "It is over.");
    this.#receiving?.reject(this.#end);
    this.#settle(outcome);
  }

  #accept([first, values]: MapperBatch): boolean {
    if (this.#end !== undefined) throw new QuipeError("broken", "Nobody is there.");
    for (const [i, value] of values.entries()) {
      if (typeof value === "function") throw new QuipeError("not-sendable", "It is a function.");
      this.#work.push([first + i, value]);
    }
    this.#step();
    return true;
  }

  #step(): void {
    const next = this.#busy ? undefined : this.#work.shift();
    if (next === undefined || this.#end !== undefined) return;
    this.#busy = true;
    noteBegun(this.#progress);
    this.seen.push(next[1]);
    setImmediate(() => this.#finish(this.#call(next[1])));
  }

  #finish(answer: unknown): void {
    if (this.#end !== undefined || answer === stuck) return;
    if (answer === dies) {
      this.die({ kind: "crashed", error: new Error("It called process.exit.") });
      return;
    }
    noteFinished(this.#progress);
    this.#busy = false;
    this.#reply(answer instanceof Error ? ["error", answer] : ["values", [answer]]);
    this.#step();
  }

  #reply(reply: MapperReply): void {
    this.#replies.push(reply);
    const receiving = this.#receiving;
    this.#receiving = undefined;
    const next = receiving === undefined ? undefined : this.#replies.shift();
    if (next !== undefined) receiving?.resolve(next);
  }

  #next(): { readonly value: MapperReply } | undefined {
    const value = this.#replies.shift();
    if (value !== undefined) return { value };
    if (this.#end !== undefined) throw this.#end;
    return undefined;
  }

  #receive(): Promise<MapperReply> {
    return new Promise((resolve, reject) => {
      const reply = this.#replies.shift();
      if (reply !== undefined) resolve(reply);
      else if (this.#end !== undefined) reject(this.#end);
      else this.#receiving = { resolve, reject };
    });
  }
}
