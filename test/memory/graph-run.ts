/**
 * Plays random scenarios: share, edit, freeze, read in another task, thaw, edit again. After each step the shared
 * graph is compared with its plain twin, to which the same was done.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import type { Region } from "../../src/memory/region.ts";
import { plain, share } from "../../src/memory/share.ts";
import { thaw } from "../../src/memory/thaw.ts";
import { runtimeName } from "../../src/runtime/host.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Edit, edits, perform, type Scene } from "./graph-edits.ts";
import { build, type GraphPlan, graphs } from "./graph-plans.ts";
import { readGraphs } from "./graph-reader.ts";
import { assertSameGraph, type Pair } from "./same-graph.ts";

/** A graph, and the edits between one thaw and the next freeze. */
export interface Scenario {
  readonly graph: GraphPlan;
  readonly rounds: readonly (readonly Edit[])[];
}

/** Scenarios with so many nodes, edits in a round, and rounds at most. */
export function scenarios(size: {
  readonly nodes: number;
  readonly edits: number;
  readonly rounds: number;
}): fc.Arbitrary<Scenario> {
  const round = fc.array(edits, { maxLength: size.edits });
  return fc.record({
    graph: graphs(size.nodes),
    rounds: fc.array(round, { minLength: 1, maxLength: size.rounds }),
  });
}

/**
 * A task stays a reader until it ends, or for long: Bun's collector takes what looks like a pointer for one, and a browser
 * collects when it wants to, which Chromium does after five to nine seconds, or more, in a thread that does nothing else.
 */
const keepsReading = ["bun", "browser"].includes(runtimeName());

/** The task that reads. */
export class Reader implements AsyncDisposable {
  #task = spawn(readGraphs, []);

  /** Throws what the task found to differ. Then it does not read the graphs any more, or soon will not. */
  async compare(pairs: readonly (readonly [object, object])[]): Promise<void> {
    await this.#task.quipe.send(pairs);
    const found = (await this.#task.quipe.receive()) as readonly (string | undefined)[];
    const different = found.find((each) => each !== undefined);
    if (different !== undefined) assert.fail(different);
    if (!keepsReading) return;
    await this[Symbol.asyncDispose]();
    this.#task = spawn(readGraphs, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#task.quipe.send("end");
    await this.#task.result;
  }
}

/** Plays some scenarios side by side, so that the task reads all of them at once. */
export async function play(batch: readonly Scenario[], reader: Reader): Promise<void> {
  let graphsInPlay = batch.map((scenario) => new Graph(scenario));
  while (graphsInPlay.length > 0) {
    for (const graph of graphsInPlay) graph.playRound();
    await reader.compare(graphsInPlay.map((graph) => graph.freeze()));
    await Promise.all(graphsInPlay.map((graph) => graph.thaw()));
    graphsInPlay = graphsInPlay.filter((graph) => !graph.isOver);
  }
}

const foreignTwin = { table: [1, 2, 3], inner: { deep: ["x"] }, map: new Map([["a", 1]]) };
let foreign: readonly Pair[] | undefined;

/** One graph and its twin. */
class Graph {
  readonly #twin: object;
  #view: object;
  #frozen: object | undefined;
  #present: readonly Pair[] = [];
  #remembered: readonly Pair[] = [];
  readonly #rounds: (readonly Edit[])[];

  constructor({ graph, rounds }: Scenario) {
    foreign ??= assertSameGraph(foreignTwin, freeze(structuredClone(foreignTwin)));
    this.#twin = build(graph);
    this.#view = share(build(graph));
    this.#rounds = [...rounds];
    this.#compare();
  }

  get isOver(): boolean {
    return this.#rounds.length === 0;
  }

  playRound(): void {
    for (const edit of this.#rounds.shift() ?? []) {
      try {
        this.#play(edit);
      } catch (error) {
        throw new Error(
          `${(error as Error).message}, after the edit ${fc.stringify(edit).slice(0, 300)}`,
          {
            cause: error,
          },
        );
      }
    }
  }

  #play(edit: Edit): void {
    const scene: Scene = {
      present: this.#present,
      remembered: this.#remembered,
      foreign: foreign ?? [],
    };
    const returned = perform(edit, scene);
    if (returned !== undefined) assertSameGraph(returned.twin, returned.view);
    this.#compare();
  }

  /** Freezes, and gives what another task shall compare. */
  freeze(): readonly [object, object] {
    const region = this.#region;
    const frozen = freeze(this.#view);
    this.#frozen = frozen;
    checkRegion(region);
    assert.equal(locate(frozen)?.region, region, "freezing copies nothing");
    assertSameGraph(this.#twin, this.#view);
    const pairs = assertSameGraph(this.#twin, frozen);
    assertSameGraph(this.#twin, plain(frozen));
    if (pairs.every(isDeeplyComparable)) {
      assert.deepStrictEqual(frozen, this.#twin);
      assert.deepStrictEqual(plain(frozen), this.#twin);
    }
    return [this.#twin, frozen];
  }

  async thaw(): Promise<void> {
    const region = this.#region;
    this.#view = await thaw<object>(this.#frozen ?? this.#view);
    this.#frozen = undefined;
    assert.equal(this.#region, region, "thawing copies nothing");
    // Views of the time before are stale.
    this.#present = [];
    this.#remembered = [];
    this.#compare();
  }

  get #region(): Region {
    const location = locate(this.#view);
    assert.ok(location !== undefined);
    return location.region;
  }

  #compare(): void {
    checkRegion(this.#region);
    this.#present = assertSameGraph(this.#twin, this.#view);
    const known = new Set(this.#remembered.map(({ twin }) => twin));
    const added = this.#present.filter(({ twin }) => !known.has(twin));
    this.#remembered = [...this.#remembered, ...added];
  }
}

/** Deep equality loses itself in cycles through Maps, Sets and errors, in Bun or in Node 20. */
function isDeeplyComparable({ twin }: Pair): boolean {
  if (twin instanceof Map || twin instanceof Set) {
    return [...twin.keys(), ...twin.values()].every(
      (held) => typeof held !== "object" || held === null,
    );
  }
  return !ArrayBuffer.isView(twin) && !(twin instanceof Error);
}
