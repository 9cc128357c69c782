/** The explorer itself: that it runs every schedule once, replays exactly, and survives its programs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as production from "../../src/runtime/atomics.ts";
import * as explored from "./explored-atomics.ts";
import { Explorer } from "./explorer.ts";
import type { ExploreOptions } from "./explorer.ts";
import { Reduction } from "./reduction.ts";
import type { Step } from "./schedule.ts";
import { formatSchedule, parseSchedule, successorsOf, tearsOf } from "./schedule.ts";

const explorer = await Explorer.start();
after(() => explorer.close());

/** Schedules and what each came to, in the order in which they were run. */
async function listSchedules(
  module: string,
  name: string,
  options: ExploreOptions = {},
): Promise<[string, string][]> {
  const schedules: [string, string][] = [];
  const watch: ExploreOptions["watch"] = (schedule, run) => {
    const byThread = run.log.toSorted((one, other) => one.thread.localeCompare(other.thread));
    schedules.push([schedule, JSON.stringify(byThread)]);
  };
  const { failure } = await explorer.explore(module, name, { ...options, watch });
  assert.equal(failure, undefined);
  return schedules;
}

test("the replacement answers to every name of the production module, with the same type", () => {
  const same: typeof production = explored;
  assert.deepEqual(Object.keys(same).toSorted(), Object.keys(production).toSorted());
});

test("all 90 orders of three threads with two steps each are run, none twice", async () => {
  const schedules = await listSchedules("orders", "threeByTwo");
  assert.equal(schedules.length, 90);
  assert.equal(new Set(schedules.map(([schedule]) => schedule)).size, 90);
});

test("a bound of 0, 1 and 2 pre-emptions admits 2, 4 and 6 orders of two threads with two steps", async () => {
  for (const [preemptions, count] of [2, 4, 6].entries()) {
    const schedules = await listSchedules("orders", "twoByTwo", { preemptions });
    assert.equal(schedules.length, count, `bound ${preemptions}`);
  }
});

test("a thread of two steps is killed before, between and after them", async () => {
  const schedules = await listSchedules("orders", "killedAlone");
  const kills = schedules
    .map(([schedule]) => schedule)
    .filter((schedule) => schedule.includes("k"));
  assert.deepEqual(kills, ["0k", "0 0k", "0*2 0k"]);
});

test("exploring twice runs the same schedules in the same order, with the same results", async () => {
  const first = await listSchedules("wakes", "handOver");
  assert.deepEqual(await listSchedules("wakes", "handOver"), first);
});

test("every schedule, replayed, is that schedule again, kills and torn writes included", async () => {
  const schedules = await listSchedules("deaths", "undoLog", { preemptions: 0 });
  const marks = new Set(schedules.map(([schedule]) => /k(\S*)/.exec(schedule)?.[1]));
  for (const mark of ["", "-", "-1", "-2"]) assert.ok(marks.has(mark), `a kill marked k${mark}`);
  for (const [schedule] of schedules) {
    const { failure } = await explorer.replay("deaths", "undoLog", schedule, (again) => {
      assert.equal(again, schedule);
    });
    assert.equal(failure, undefined);
  }
});

test("leaving out what shows nothing new leaves out no result of a random program", async () => {
  let spared = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const module = `random?seed=${seed}`;
    const some = await listSchedules(module, "random");
    const all = await listSchedules(module, "random", { everything: true });
    const results = (schedules: [string, string][]): string[] =>
      [...new Set(schedules.map(([, result]) => result))].toSorted();
    assert.deepEqual(results(some), results(all), `seed ${seed}`);
    spared += all.length - some.length;
  }
  assert.ok(spared > 0, "it leaves something out");
});

test("what was left out comes back once a word proves to be shared after all", () => {
  const reduction = new Reduction<string>();
  const choice = { able: 3, timed: 0, reason: 0 };
  const mine: Step = { ...choice, chosen: 0, operation: "load", location: 5 };
  reduction.learn([mine]);
  assert.equal(reduction.setAside(mine, "before the load"), true);
  assert.deepEqual(reduction.learn([{ ...mine, chosen: 1 }]), [], "two that read do not disturb");
  const change: Step = { ...mine, chosen: 1, operation: "store" };
  assert.deepEqual(reduction.learn([change]), ["before the load"]);
  assert.deepEqual(reduction.learn([change]), [], "only once");
  assert.equal(reduction.setAside(mine, "again"), false);
});

test("a schedule that names a thread which cannot go on is told from a failure of the program", async () => {
  const { failure } = await explorer.replay("orders", "twoByTwo", "0*3 1");
  assert.match(
    failure?.problem ?? "",
    /first cannot take step 3: .* schedule is of another version/,
  );
});

test("what is no schedule is refused with the token that is wrong", () => {
  assert.throws(() => parseSchedule("0*5 1x 0"), /got "1x"/);
});

test("a kill after several written words tries each of them lost and each alone kept", () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((words) => tearsOf(words).length),
    [0, 1, 3, 7],
  );
  const kill = { thread: 0, steps: 0, tear: 0 };
  const executed = { steps: [], killedBefore: 0, tornWords: 3 };
  const torn = successorsOf({ deviation: undefined, kill }, executed);
  const marks = torn.map(({ schedule }) => formatSchedule(schedule, executed));
  assert.deepEqual(marks, ["0k-", "0k-1", "0k+1", "0k-2", "0k+2", "0k-3", "0k+3"]);
});

test("the command that a failure names shows the same failure", (t) => {
  if ("Bun" in globalThis || "Deno" in globalThis)
    return t.skip("the command it names is Node's [command]");
  const file = fileURLToPath(new URL("./programs.test.js", import.meta.url));
  const { NODE_TEST_CONTEXT: _inherited, ...environment } = process.env;
  const env = { ...environment, QUIPE_SCHEDULE: "counters.lostUpdate: 0 1*2 0" };
  const { stdout, status } = spawnSync(process.execPath, ["--test", file], {
    env,
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stdout, /an addition was lost/);
  assert.match(stdout, /4 {2}first +store\(words\[0\], 1\)/);
});

test("a thread that loops without an atomic operation is given up and started anew", async (t) => {
  if ("Deno" in globalThis)
    return t.skip("Deno's terminate leaves a busy thread running [kill-computing]");
  const impatient = await Explorer.start(250);
  try {
    const { failure } = await impatient.explore("../misbehaving", "plainLoop");
    assert.match(failure?.problem ?? "", /looper never came to another atomic operation/);
    const next = await impatient.explore("orders", "twoByTwo");
    assert.equal(next.failure, undefined);
  } finally {
    await impatient.close();
  }
});

test("a rejection that nobody handles fails the program", async (t) => {
  if ("Bun" in globalThis)
    return t.skip("bun test keeps unhandled rejections to itself [stray-errors]");
  const { failure } = await explorer.explore("../misbehaving", "unheardRejection");
  assert.match(failure?.problem ?? "", /waiter: Error: nobody listens/);
});
