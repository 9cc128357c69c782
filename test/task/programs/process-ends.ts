/**
 * A program for tests: shows how a process with tasks ends. Its first argument says what to do; it prints what it
 * has to say, and whether it ends at all is the point.
 */
import process from "node:process";
import { spawn } from "../../../src/task/spawn.ts";
import { breakReaper } from "./failures.ts";

const scenes: Readonly<Record<string, () => unknown>> = {
  async idle() {
    await spawn(() => 1).result;
    console.log("all done");
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
  unusedReceive() {
    const task = spawn(() => 1);
    task.quipe.receive().catch((error: { code?: string }) => console.log(error.code));
  },
};

void scenes[process.argv[2] ?? ""]?.();
