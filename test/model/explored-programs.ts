/** Makes tests of the programs in test/model/programs: those with `fails` must fail so, all others must hold. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { tellFailure } from "./telling.ts";
import { Explorer } from "./explorer.ts";
import type { Exploration, ExploreOptions } from "./explorer.ts";
import type { Program } from "./program.ts";

const explorer = await Explorer.start();
after(() => explorer.close());

const replayed = /^(\w[\w-]*)\.(\w+):(.*)$/.exec(process.env["QUIPE_SCHEDULE"] ?? "");
const bound = process.env["QUIPE_EXPLORE_BOUND"];
const isWhole = process.env["QUIPE_EXPLORE_WHOLE"] === "1";

/**
 * Programs of thousands of schedules, half the time of all of them. `npm test` and `test:all` explore them with one
 * pre-emption, and with none where a thread is killed, which is after each of its steps; `test:stress` explores all of it.
 */
const LONG: readonly string[] = [
  "lanes.aSenderLearnsThatNobodyReceives",
  "lanes.closeComesAfterTheItems",
  "shared-lanes.aSenderGivesUp",
  "shared-lanes.theOnlyReceiverLeaves",
  "shared-lanes.aSenderDiesBesideAnother",
  "shared-lanes.oneOfTwoReceiversLeaves",
  "shared-lanes.twoSendersThroughTwoPlaces",
  "rendezvous.twoSendersHandOver",
  "rendezvous.theReceiverDies",
  "rendezvous.bothGiveUp",
  "handles.theSenderOfAnEndDies",
  "handles.theReceiverOfAnEndDies",
  "handles.aCloneKeepsTheSide",
  "handles.aDeadClonerKeepsNothing",
];

/** Whether one schedule of one program is to be replayed, and nothing else done. */
export const isReplay: boolean = replayed !== null;

/** Explores the programs of the modules that are `wanted`. */
export async function exploreModules(wanted: (module: string) => boolean): Promise<void> {
  const modules = readdirSync(new URL("./programs/", import.meta.url))
    .filter((file) => file.endsWith(".js"))
    .map((file) => file.slice(0, -3));
  for (const module of modules.filter(wanted)) {
    for (const [name, program] of await programsIn(module)) {
      if (replayed === null) explored(module, name, program);
      else if (replayed[1] === module && replayed[2] === name)
        replays(module, name, replayed[3] ?? "");
    }
  }
}

/** A module that does not load is one failing test, not the end of all the others. */
async function programsIn(module: string): Promise<[string, Program][]> {
  try {
    return await explorer.programsIn(module);
  } catch (error) {
    test(`${module}: its programs load`, () => assert.ifError(error));
    return [];
  }
}

function explored(module: string, name: string, program: Program): void {
  test(`${module}.${name}: ${program.claim}`, async (t) => {
    const bounds = boundsFor(`${module}.${name}`, program);
    const exploration = await explorer.explore(module, name, bounds);
    const { executions, kills, steps, failure, preemptions } = exploration;
    t.diagnostic(`${executions} schedules, ${kills} kills, ${steps} steps`);
    if (program.fails === undefined) return expectNone(`${module}.${name}`, exploration);
    assert.ok(failure, `the explorer does not see that ${program.claim}`);
    assert.match(failure.problem, program.fails.message);
    assert.equal(preemptions, program.fails.preemptions, "pre-emptions needed");
    const again = await explorer.replay(module, name, failure.schedule);
    assert.equal(again.failure?.problem, failure.problem, "its schedule replays the failure");
  });
}

function replays(module: string, name: string, schedule: string): void {
  test(`${module}.${name} in schedule${schedule}`, async (t) => {
    const exploration = await explorer.replay(module, name, schedule);
    expectNone(`${module}.${name}`, exploration);
    t.diagnostic("holds in this schedule");
  });
}

function boundsFor(name: string, program: Program): ExploreOptions {
  if (program.fails !== undefined) return {};
  if (bound !== undefined) return { preemptions: Number(bound) };
  return LONG.includes(name) && !isWhole ? { preemptions: 1, killPreemptions: 0 } : {};
}

function expectNone(program: string, { failure, preemptions }: Exploration): void {
  if (failure !== undefined) assert.fail(tellFailure(program, failure, preemptions));
}
