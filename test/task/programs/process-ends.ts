/**
 * A program for tests: shows how a process with tasks ends. Its first argument says what to do; it prints what it
 * has to say, and whether it ends at all is the point.
 */
import diagnostics from "node:diagnostics_channel";
import process from "node:process";
import { takeCensus } from "../../../src/task/census.ts";
import type { Task } from "../../../src/task/handle.ts";
import type { TaskDiagnostics } from "../../../src/task/diagnostics.ts";
import { scope } from "../../../src/task/scope.ts";
import { pool } from "../../../src/pool/pool.ts";
import { spawn } from "../../../src/task/spawn.ts";
import { breakReaper } from "./failures.ts";
import { leaveBehind, leaveListener, lend } from "./watching.ts";

/** Long enough for anything that is on its way to be raised: the reaper answers in order. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await spawn(() => 1).result;
}

/** A task that nobody but its spawner knows fails after that has ended: what is raised is printed. */
async function leftBehind(how: "return" | "stay" | "lend"): Promise<void> {
  const stays = setInterval(() => {}, 1000);
  const raised = new Promise<void>((resolve) => {
    process.on("unhandledRejection", (error: Error) => {
      console.log(error.message, "|", (error.cause as Error).message);
      resolve();
    });
  });
  const parent = spawn(leaveBehind, [how]);
  await parent.quipe.receive();
  if (how === "stay") await parent.kill();
  else await parent.result;
  await raised;
  await turns();
  clearInterval(stays);
}

const scenes: Readonly<Record<string, () => unknown>> = {
  async idle() {
    await spawn(() => 1).result;
    console.log("all done");
  },
  async neverLeft() {
    const failing = scope().spawn(() => {
      throw new Error("in the forgotten scope");
    });
    const { kind } = await failing.outcome;
    console.log(`${kind}, and nobody leaves the scope`);
  },
  async oneSignal() {
    const controller = new AbortController();
    const { signal } = controller;
    const idle = spawn(() => new Promise(() => {}));
    const tasks = Array.from({ length: 20 }, () =>
      spawn(() => new Promise(() => {}), [], { signal, graceMs: 0 }),
    );
    const scopes = tasks.map((task) => scope(() => task.result, { signal }));
    const waits = tasks.map(() => idle.quipe.receive({ signal }));
    controller.abort();
    const ends = await Promise.allSettled([
      ...tasks.map(({ result }) => result),
      ...scopes,
      ...waits,
    ]);
    console.log(`${ends.filter(({ status }) => status === "rejected").length} stopped`);
    await idle.kill();
  },
  async oneSignalOfCalls() {
    const { signal } = new AbortController();
    const workers = pool({ size: 1 });
    const calls = Array.from({ length: 20 }, (_, i) =>
      workers.run((x: number) => x, [i], { signal }),
    );
    const maps = calls.map(async () => {
      for await (const value of workers.map((x: number) => x, [1], { signal })) return value;
    });
    await Promise.all([...calls, ...maps]);
    await workers.close();
    const left = await spawn(async () => {
      const { scope: open } = await import("quipe");
      const scopes = Array.from({ length: 20 }, () => open());
      return (await Promise.all(scopes.map((one) => one.join()))).length;
    }).result;
    console.log(`${left} left`);
  },
  abandoned() {
    spawn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log("the task finished");
    });
  },
  async printing() {
    await spawn(() => {
      for (let line = 0; line < 200; line++) console.log(`line ${line}`);
      console.error("and an error line");
    }).result;
  },
  blockedThenExit() {
    spawn(() => console.log("from the task")).resultSync();
    console.log("from main");
  },
  exitWhileRunning() {
    const task = spawn(() => {
      for (;;) Math.sqrt(2);
    });
    console.log(task.state);
    process.exit(7);
  },
  reaperFails() {
    const waiting = spawn(breakReaper);
    console.log(waiting.outcomeSync());
  },
  unobserved() {
    spawn(() => {
      throw new RangeError("nobody asked");
    });
  },
  async unobservedButTraced() {
    await spawn(() => 1).result; // Bun forgets the subscribers of a channel that nobody holds yet
    diagnostics.subscribe("quipe:task:end", (message) => {
      console.error("heard", (message as TaskDiagnostics["quipe:task:end"]).outcome.kind);
    });
    spawn(() => {
      throw new RangeError("nobody asked");
    });
  },
  async observedLate() {
    process.on("unhandledRejection", () => console.log("raised"));
    const task = spawn(() => {
      throw new RangeError("asked later");
    });
    const { outcome } = task;
    console.log((await outcome).kind);
  },
  async iterated() {
    process.on("unhandledRejection", () => console.log("raised"));
    try {
      for await (const item of spawn(() => {
        throw new RangeError("seen by the loop");
      }))
        console.log(item);
    } catch (error) {
      console.log((error as { code?: string }).code);
    }
    await spawn(() => 1).result;
  },
  async orphanFails() {
    await leftBehind("return");
  },
  async orphanOfKilledFails() {
    await leftBehind("stay");
  },
  async orphanWasLentAndIgnored() {
    await leftBehind("lend");
  },
  async orphanLosesItsPeer() {
    const parent = spawn(leaveListener);
    await parent.quipe.receive();
    await parent.kill();
    while ((await takeCensus()).tasks > 0) await turns();
    await turns();
    console.log("still here");
  },
  async failureOfLentIsAsked() {
    const lender = spawn(lend, ["waitThenFail", "leave"]);
    const lent = (await lender.quipe.receive()) as Task;
    await lender.result;
    console.log((await lent.outcome).kind);
    await turns();
  },
  async failureOfLentIsAskedWhileSpawnerLives() {
    const lender = spawn(lend, ["fail", "stay"]);
    const lent = (await lender.quipe.receive()) as Task;
    await lent.result.catch((error: Error) => console.log(error.message));
    await lender.kill();
    await turns();
  },
  unusedReceive() {
    const task = spawn(() => 1);
    task.quipe.receive().catch((error: { code?: string }) => console.log(error.code));
  },
};

void scenes[process.argv[2] ?? ""]?.();
