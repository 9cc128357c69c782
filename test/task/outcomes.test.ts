/** How a task that is left alone ends, and what its spawner hears of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { QuipeError } from "../../src/errors.ts";
import { current } from "../../src/task/current.ts";
import type { Task } from "../../src/task/handle.ts";
import type { Outcome } from "../../src/task/outcome.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  leaveTimer,
  outlast,
  report,
  returnFunction,
  strayLater,
  strayRejection,
  strayRejectionLater,
  throwClass,
  throwDom,
  throwFunction,
  throwTyped,
} from "./programs/failures.ts";
import { echo } from "./programs/lives.ts";
import { cannotExit } from "../exit-thread.ts";

const isBun = "Bun" in globalThis;

/**
 * Below `bun test`, an error that nothing caught ends a worker whatever its handlers say, as it does not below
 * `bun` itself; then it is the cause of a crash.
 */
function assertStray(outcome: Outcome): void {
  assert.equal(outcome.kind, isBun ? "crashed" : "failed", JSON.stringify(outcome));
  const error = "error" in outcome ? (outcome.error as Error) : undefined;
  assert.match(String(isBun ? error?.cause : error), /nobody listens|from a timer|from a promise/);
}

for (const [name, value] of Object.entries({
  undefined: undefined,
  null: null,
  zero: 0,
  "minus zero": -0,
  "a text": "text",
  "a bigint": 5n,
  "an array": [1, [2]],
  "a map with a set": { a: new Map([[1, new Set([2])]]) },
})) {
  test(`done: ${name} comes back`, async () => {
    const working = spawn(echo, [value]);
    assert.deepStrictEqual(await working.result, value);
    assert.deepStrictEqual(await working.outcome, { kind: "done", value });
    assert.equal(working.state, "dead");
  });
}

test("many may ask for the result, in every way, before and after the end", async () => {
  const working = spawn(echo, ["x"]);
  assert.deepEqual(await Promise.all([working.result, working.result, working.outcome]), [
    "x",
    "x",
    { kind: "done", value: "x" },
  ]);
  assert.equal(working.resultSync(), "x");
  assert.equal(await working.result, "x");
  assert.equal(await working.kill("late"), false);
  assert.equal(working.cancel("late"), false);
});

test("failed: the error itself, with class, code, cause and both stacks", async () => {
  const working = spawn(throwTyped);
  const outcome = await working.outcome;
  assert.equal(outcome.kind, "failed");
  await assert.rejects(working.result, (error: RangeError & { code: string }) => {
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, "too far");
    assert.equal(error.code, "E_FAR");
    assert.ok(error.cause instanceof TypeError);
    const frames = (error.stack ?? "").split("\n").slice(1);
    assert.match(frames[0] ?? "", /throwTyped/);
    assert.match(frames[1] ?? "", /^    at task "throwTyped", spawned here \(/);
    assert.match(frames[2] ?? "", /outcomes\.test/);
    assert.doesNotMatch(error.cause.stack ?? "", /worker\.[jt]s/);
    return true;
  });
  assert.throws(() => working.resultSync(), RangeError);
  assert.equal(working.outcomeSync().kind, "failed");
});

// docs/runtimes.md: error-printing
test("failed: one trace leads through the tasks between, and prints with its causes", async () => {
  const error = await spawn(async function outer() {
    const { spawn: again } = await import("quipe");
    await again(function inner() {
      throw new RangeError("deep", { cause: new TypeError("root") });
    }).result;
  }).result.catch((thrown: unknown) => thrown);
  const printed = inspect(error, { colors: false });
  assert.match(
    printed,
    /^RangeError: deep\n {4}at inner .*\n {4}at task "inner", spawned here .*\n {4}at outer .*\n {4}at task "outer", spawned here .*\n.*outcomes\.test/,
  );
  assert.equal(printed.split("RangeError: deep").length, 2, printed);
  assert.match(printed, /\[cause\]: TypeError: root\n {6}at inner/);
});

test("failed: stacks that the program makes of something else hide nothing", async () => {
  const before: unknown = Reflect.get(Error, "prepareStackTrace");
  const { stackTraceLimit } = Error as { readonly stackTraceLimit?: number };
  try {
    Error.prepareStackTrace = () => ({ odd: 1 });
    const odd = spawn(() => {
      const usual: unknown = Reflect.get(Error, "prepareStackTrace");
      Error.prepareStackTrace = () => [1];
      const made = new RangeError("oddly");
      void made.stack;
      Reflect.set(Error, "prepareStackTrace", usual);
      throw made;
    });
    await assert.rejects(odd.result, /oddly/);
    Reflect.set(Error, "prepareStackTrace", before);
    if (isBun || stackTraceLimit === undefined) return; // it does not come back from nought in Bun; Firefox has none
    Error.stackTraceLimit = 0;
    const flat = spawn(() => {
      Error.stackTraceLimit = 0;
      const made = new RangeError("flat");
      Error.stackTraceLimit = 10;
      throw made;
    });
    await assert.rejects(flat.result, (error: Error) => {
      assert.match(error.stack ?? "", /^RangeError: flat\n {4}at task ".*\(task:/);
      return true;
    });
  } finally {
    Reflect.set(Error, "prepareStackTrace", before);
    if (stackTraceLimit !== undefined) Error.stackTraceLimit = stackTraceLimit;
  }
});

test(
  "crashed: the trace names the task and its spawn, and nothing of quipe's own",
  { skip: cannotExit },
  async () => {
    const error = await spawn(() => process.exit(3)).result.catch((thrown: unknown) => thrown);
    const [head, task, place] = ((error as Error).stack ?? "").split("\n");
    assert.match(head ?? "", /^QuipeError: .*exit code 3/);
    assert.match(task ?? "", /^    at task ".*", spawned here/);
    assert.match(place ?? "", /outcomes\.test/);
  },
);

test("failed: a DOMException keeps its name", async () => {
  await assert.rejects(
    spawn(throwDom).result,
    (error) => error instanceof DOMException && error.name === "TimeoutError",
  );
});

test("failed: values that are no errors are kept", async () => {
  for (const text of ["undefined", "'text'", "{ a: 1 }", "null", "7n"]) {
    const outcome = await spawn(new Function(`throw ${text}`) as () => never).outcome;
    assert.equal(outcome.kind, "failed");
    assert.deepStrictEqual(
      outcome.kind === "failed" && outcome.error,
      new Function(`return ${text}`)(),
    );
  }
});

test("failed: what cannot be sent is described and hides nothing", async () => {
  for (const [culprit, name] of [
    [throwFunction, /function culprit/],
    [throwClass, /Odd/],
  ] as const) {
    const outcome = await spawn(culprit).outcome;
    assert.ok(outcome.kind === "failed" && outcome.error instanceof QuipeError);
    assert.equal(outcome.error.code, "not-sendable");
    assert.match(outcome.error.message, name);
    assert.deepEqual(outcome.error.cause, culprit === throwClass ? { a: 1 } : undefined);
  }
});

test("failed: a result that cannot be sent, with the path to it", async () => {
  await assert.rejects(spawn(returnFunction).result, /\$\.run cannot be sent/);
});

// docs/runtimes.md: stray-errors
test("failed: a rejection that nobody handled, even if the task returned; the next task is unharmed", async () => {
  for (let i = 0; i < 5; i++) {
    const outcome = await spawn(strayRejection).outcome;
    assertStray(outcome);
    assert.equal(await spawn(echo, [i]).result, i);
  }
});

// docs/runtimes.md: left-timers
test("what a task has left behind on its thread is never blamed on the next one", async () => {
  for (let i = 0; i < 3; i++) {
    await spawn(leaveTimer).result;
    assert.equal(await spawn(outlast).result, "unharmed");
  }
});

// docs/runtimes.md: unseen-leftovers
test("a thread with nothing left but what nobody can see serves the next task", async () => {
  const leaveUnseen = (): number => {
    const bun = Reflect.get(globalThis, "Bun") as { sleep(ms: number): Promise<void> } | undefined;
    if (bun === undefined) setTimeout(() => {}, 1).unref();
    else void bun.sleep(1);
    return process.getBuiltinModule("node:worker_threads").threadId;
  };
  const first = await spawn(leaveUnseen).result;
  assert.equal(await spawn(leaveUnseen).result, first);
});

// docs/runtimes.md: stray-errors
test("failed: an exception of a timer, or a rejection in one, while the task waits", async () => {
  for (const what of [strayLater, strayRejectionLater]) {
    const outcome = await spawn(what).outcome;
    assertStray(outcome);
  }
});

test("a task of something is a task: handles of different results go into one list", async () => {
  const tasks: Task[] = [spawn(report, [], { name: "other" }), spawn(report), spawn(throwTyped)];
  const outcomes = await Promise.all(tasks.map(({ outcome }) => outcome));
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["done", "done", "failed"],
  );
});

test("a task knows its name and its quipe", async () => {
  assert.deepEqual(await spawn(report, [], { name: "a reporter" }).result, {
    name: "a reporter",
    sent: 0,
  });
  assert.deepEqual(await spawn(report).result, { name: "report", sent: 0 });
  assert.throws(
    () => current(),
    (error: QuipeError) => error.code === "unsupported",
  );
});

test("arguments are copies: what the task does to them stays there", async () => {
  const list = [1];
  const changed = spawn(
    (mine: number[]) => {
      mine.push(2);
      return mine;
    },
    [list],
  );
  assert.deepEqual(await changed.result, [1, 2]);
  assert.deepEqual(list, [1]);
});

test("arguments that cannot be sent are refused before anything starts", () => {
  const bad: [unknown] = [() => 1];
  assert.throws(() => spawn(echo, bad), /\$\[0\] cannot be sent: it is a function/);
  assert.throws(() => spawn({ module: import.meta.url }, 5 as never), TypeError);
  assert.throws(() => spawn({ module: import.meta.url, export: 5 as never }), /`export`/);
  assert.throws(() => spawn(echo, [1], null as never), /Expected the options of a task/);
  assert.throws(() => spawn(5 as never), TypeError);
  assert.throws(() => spawn(echo, [1], { capacity: -1 }), RangeError);
});

test("a module that cannot be had ends the task as crashed, with what is wrong with it", async () => {
  const code = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      new URL("./nowhere.js", import.meta.url).href,
      "f",
      /nowhere\.js (?:does not load: |is not there: the server answers with status 404)/,
    ],
    [code("this is no code"), "f", /does not load: /],
    [
      code("throw new RangeError('while loading')"),
      "f",
      /does not load: RangeError: while loading/,
    ],
    [code("export const a = 1, b = 2"), "f", /has no export "f" that is a function. It has a, b/],
    [code("export const f = 1"), "f", /has no export "f" that is a function/],
  ];
  for (const [module, name, message] of cases) {
    const outcome = await spawn({ module, export: name }).outcome;
    assert.ok(
      outcome.kind === "crashed" && outcome.error instanceof QuipeError,
      JSON.stringify(outcome),
    );
    assert.equal(outcome.error.code, "module-not-loaded");
    assert.match(outcome.error.message, message);
  }
  assert.equal(await spawn({ module: code("export default (x) => x + 1") }, [1]).result, 2);
});

test("blocking for a result works, with a deadline too", () => {
  assert.equal(spawn(echo, [3]).resultSync(), 3);
  const waiting = spawn(async () => new Promise(() => {}));
  assert.throws(
    () => waiting.resultSync({ timeoutMs: 1 }),
    (error: QuipeError) => error.code === "timed-out",
  );
  void waiting.kill();
});
