/** A task for tests that hands handles around, and kills at random some of those who have them. */
import { task } from "../../../src/task/entry.ts";
import type { Task } from "../../../src/task/handle.ts";
import { spawn } from "../../../src/task/spawn.ts";
import { follow, lend, lookAt } from "./watching.ts";

/** Numbers from 0 to `below`, the same for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) / 0x100_0000) * below;
  };
}

/** One task whose handle goes from hand to hand; says how it ended, and how those did who watched it. */
export const handAround = task(import.meta.url, async function handAround(seed: number) {
  const random = randomFrom(seed);
  const pick = <T>(...list: readonly T[]): T => list[Math.floor(random(list.length))] as T;
  const lender = spawn(lend, [pick("echo", "wait", "fail"), pick("stay", "leave")]);
  const lent = (await lender.quipe.receive()) as Task;
  const watchers: Task[] = [
    spawn(lookAt, [lent]),
    spawn(follow, [lent]),
    random(1) < 0.5 ? spawn(lookAt, [lent]) : spawn(follow, [lent]),
  ];
  const victims = [lender, lent, ...watchers].filter(() => random(1) < 0.5);
  await Promise.all(
    victims.map(async (victim) => {
      await new Promise((resolve) => setTimeout(resolve, random(20)));
      await victim.kill();
    }),
  );
  await lent.kill();
  const outcomes = await Promise.all([lent, ...watchers].map(({ outcome }) => outcome));
  await lender.kill();
  return outcomes.map(({ kind }) => kind);
});
