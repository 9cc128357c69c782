/** Who takes part, in what. */
import type { HarshTask } from "./harsh-task.ts";
import { blockedCaller } from "./tasks/blocked-caller.ts";
import { brokenModule } from "./tasks/broken-module.ts";
import { exhaustMemory } from "./tasks/exhaust-memory.ts";
import { exit } from "./tasks/exit.ts";
import { lockHolderExits } from "./tasks/lock-holder-exits.ts";
import { returnFunction } from "./tasks/return-function.ts";
import { stopLoop } from "./tasks/stop-loop.ts";
import { throwError } from "./tasks/throw-error.ts";
import { throwFunction } from "./tasks/throw-function.ts";
import { throwLater } from "./tasks/throw-later.ts";

/** The columns, in the order in which they are shown. */
export const harshTasks: readonly HarshTask[] = [
  throwError,
  exit,
  stopLoop,
  returnFunction,
  throwFunction,
  exhaustMemory,
  brokenModule,
  throwLater,
  lockHolderExits,
  blockedCaller,
];

/** The rows: names of packages; each has a file in contenders/. */
export const packageNames: readonly string[] = [
  "quipe",
  "piscina",
  "tinypool",
  "workerpool",
  "poolifier",
  "threads",
  "comlink",
  "synckit",
  "multithreading",
];
