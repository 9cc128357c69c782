/** A program that closes none of its pools: `idle` has one with nothing to do, then a call; `dropped` forgets one. */
import { readdirSync } from "node:fs";
import { pool } from "../../src/index.ts";

declare const gc: () => void;

async function idle(): Promise<void> {
  const workers = pool({ size: 2 });
  console.log(await workers.run((x: number) => x * 2, [21]));
  const late = async (): Promise<string> => {
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    return "late";
  };
  void workers.run(late).then(console.log);
}

/** Its worker has a thread that is not kept for others, so the threads of this process tell whether it has ended. */
async function dropped(): Promise<void> {
  const threads = (): number => readdirSync("/proc/self/task").length;
  await useAndForget();
  const before = threads();
  while (threads() >= before) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  console.log("ended");
}

async function useAndForget(): Promise<void> {
  const workers = pool({ size: 1, recycleAfter: { calls: 1000 } });
  await workers.run((x: number) => x, [1]);
}

await (process.argv[2] === "idle" ? idle() : dropped());
