/** A task that makes a worker itself for a task of its own. */
import { Worker } from "node:worker_threads";
import { task } from "../../../src/task/entry.ts";
import { spawn } from "../../../src/task/spawn.ts";

/** Starts `report` of a file on a worker made here, and leaves another one waiting, of which it returns the handle. */
export const guestOwner = task(import.meta.url, async function guestOwner(file: string) {
  const worker = (): Worker => new Worker(new URL(file));
  const left = spawn({ worker, task: "wait" });
  await left.quipe.receive();
  const { name, x } = await spawn<{ name: string; x: number }>({ worker, task: "report" }, [2], {
    name: "inner",
  }).result;
  return { name, x, left };
});
