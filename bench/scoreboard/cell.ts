/**
 * The process of one cell: `cell.js PACKAGE TASK PATIENCE_MS`. It prints facts, and must come to its end by
 * itself: whether it does is one of them.
 */
import type { Contender } from "./contender.ts";
import { harshTasks } from "./roster.ts";
import { tell } from "./stage.ts";

const [packageName = "", taskName, patience] = process.argv.slice(2);
const task = harshTasks.find(({ name }) => name === taskName);
if (task === undefined) throw new Error(`There is no task "${taskName}".`);
const { contender } = (await import(`./contenders/${packageName}.js`)) as {
  readonly contender: Contender;
};
const stage = { contender, patienceMs: Number(patience) };
const why = task.notOffered?.(stage);
if (why === undefined) {
  tell({ step: "begun" });
  await task.play(stage);
} else tell({ step: "not-offered", why });
