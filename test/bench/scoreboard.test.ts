/**
 * quipe's row of the scoreboard has nothing wrong in it, and the judges of the scoreboard see what is wrong.
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { thisCellRuntime } from "../../bench/scoreboard/cell-runtime.ts";
import { type Call, type CellFacts, type Fact, told } from "../../bench/scoreboard/facts.ts";
import type { HarshTask } from "../../bench/scoreboard/harsh-task.ts";
import { type Verdict, isRight, judgeCell } from "../../bench/scoreboard/judge.ts";
import { wordsOf } from "../../bench/scoreboard/printer.ts";
import { harshTasks } from "../../bench/scoreboard/roster.ts";
import { runBoard } from "../../bench/scoreboard/runner.ts";
import { ORDINARY } from "../../bench/scoreboard/workers/jobs.ts";

const works: Call = { how: "value", value: ORDINARY, afterMs: 1 };
const hangs: Call = { how: "nothing", afterMs: 6000 };

function taskCalled(name: string): HarshTask {
  const found = harshTasks.find((task) => task.name === name);
  if (found === undefined) throw new Error(`There is no task "${name}".`);
  return found;
}

function throwing(error: unknown): Call {
  return { how: "error", error: told(error), afterMs: 1 };
}

/** What is wrong with a call that settled so, when all else went well unless said otherwise. */
function verdictOn(
  name: string,
  settled: Call,
  { end = "ended", again = works, more = [] }: VerdictOptions = {},
): string {
  const facts: Fact[] = [
    { step: "begun" },
    { step: "ready", call: works },
    { step: "settled", call: settled },
    ...more,
    { step: "again", call: again },
    { step: "closed", call: works },
  ];
  return words(name, { facts, end, tail: "" });
}

interface VerdictOptions {
  readonly end?: CellFacts["end"];
  readonly again?: Call;
  readonly more?: readonly Fact[];
}

function words(name: string, facts: CellFacts): string {
  return wordsOf(judgeCell(taskCalled(name), "a package", facts));
}

test("quipe's row has nothing wrong in it", async () => {
  const verdicts = await runBoard({
    packages: ["quipe"],
    tasks: harshTasks,
    runtime: thisCellRuntime(),
    patienceMs: 10_000,
    atOnce: 2,
  });
  assert.equal(verdicts.length, harshTasks.length);
  const wrong = verdicts.filter((verdict) => !isRight(verdict)).map(inFull);
  assert.deepEqual(wrong, []);
  const tried = verdicts.filter((verdict) => verdict.notOffered === undefined);
  assert.ok(tried.length >= harshTasks.length - 1, "quipe was not tried");
});

function inFull(verdict: Verdict): string {
  return `${verdict.task}: ${wordsOf(verdict)}\n${verdict.facts.tail}`;
}

test("an error that lost its class, its code, its fields or its cause is seen to have lost it", () => {
  const cause = Object.assign(new RangeError("no row"), { code: "E_ROW" });
  const whole = Object.assign(new TypeError("no route to Oslo", { cause }), {
    code: "E_ROUTE",
    attempts: 3,
  });
  assert.equal(verdictOn("throw-error", throwing(whole)), "right");
  assert.equal(
    verdictOn("throw-error", throwing(new Error("no route to Oslo", { cause: "no row" }))),
    "class lost, code lost, fields lost, cause lost",
  );
  assert.equal(verdictOn("throw-error", works), "wrong value");
});

test("an exit, an exhausted memory and a broken module have to be named", () => {
  for (const name of ["exit", "exhaust-memory", "broken-module", "throw-later"]) {
    assert.equal(verdictOn(name, throwing(new Error("it failed"))), "reason lost", name);
    assert.equal(verdictOn(name, works), "wrong value", name);
  }
  assert.equal(verdictOn("exit", throwing(new Error("ended with exit code 3"))), "right");
});

test("a rejection with an empty object is no value, and says nothing", () => {
  assert.equal(verdictOn("return-function", throwing(new Error("could not be cloned"))), "right");
  assert.equal(verdictOn("return-function", throwing({})), "reason lost");
  assert.equal(verdictOn("return-function", works), "wrong value");
});

test("a loop that goes on is seen, and excused only where the error admits it", () => {
  const busy: VerdictOptions = { more: [{ step: "processor", before: 300, after: 0.97 }] };
  const quiet: VerdictOptions = { more: [{ step: "processor", before: 300, after: 0 }] };
  const aborted = throwing(new Error("aborted"));
  assert.equal(verdictOn("stop-loop", aborted, quiet), "right");
  assert.equal(verdictOn("stop-loop", aborted, busy), "loop goes on");
  assert.equal(verdictOn("stop-loop", aborted), "loop goes on");
  const admitted = throwing(new Error("Its thread could not be stopped yet."));
  assert.equal(verdictOn("stop-loop", admitted, busy), "loop goes on, and says so");
});

test("one write of a pair is half-written data", () => {
  const pair = (value: unknown): Call => ({ how: "value", value, afterMs: 1 });
  assert.equal(verdictOn("lock-holder-exits", pair([0, 0])), "right");
  assert.equal(verdictOn("lock-holder-exits", pair([1, 0])), "half-written data");
});

test("what goes wrong beside the call is seen in every task", () => {
  const fails = throwing(new Error("exit code 3"));
  assert.equal(verdictOn("exit", hangs), "hangs");
  assert.equal(verdictOn("exit", fails, { again: hangs }), "no second call");
  assert.equal(verdictOn("exit", fails, { end: "stuck" }), "does not exit");
  assert.equal(verdictOn("exit", fails, { end: "died" }), "ends the program");
  const begun: Fact[] = [{ step: "begun" }, { step: "ready", call: works }];
  assert.equal(words("exit", { facts: [], end: "died", tail: "" }), "does not start");
  assert.equal(words("exit", { facts: begun, end: "stuck", tail: "" }), "hangs");
  assert.equal(words("exit", { facts: begun, end: "died", tail: "" }), "ends the program");
});

test("a package without what a task needs is not wrong", () => {
  const facts: Fact[] = [{ step: "not-offered", why: "has no locks" }];
  const verdict = judgeCell(taskCalled("lock-holder-exits"), "a package", {
    facts,
    end: "ended",
    tail: "",
  });
  assert.equal(wordsOf(verdict), "–");
  assert.equal(isRight(verdict), true);
});
