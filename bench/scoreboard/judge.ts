/**
 * From facts to a verdict. The words are judged in the order in which a user meets them: it starts, the call
 * settles, with the right thing, the next call works, it closes, the program ends.
 */
import { ORDINARY } from "./workers/jobs.ts";
import type { CellFacts } from "./facts.ts";
import { type HarshTask, type Problem, factOf } from "./harsh-task.ts";

/** What one package came to in one task. */
export interface Verdict {
  readonly package: string;
  readonly task: string;
  /** Set if the package does not offer what the task needs, with the reason. */
  readonly notOffered: string | undefined;
  readonly problems: readonly Problem[];
  readonly facts: CellFacts;
}

/** Judges one cell. */
export function judgeCell(task: HarshTask, packageName: string, facts: CellFacts): Verdict {
  const notOffered = factOf(facts, "not-offered")?.why;
  const problems = notOffered === undefined ? problemsOf(task, facts) : [];
  return { package: packageName, task: task.name, notOffered, problems, facts };
}

/** Nothing is wrong, or only what the runtime leaves nobody a way to do better, and the error says so. */
export function isRight({ problems }: Verdict): boolean {
  return problems.every((problem) => problem === "loop goes on, and says so");
}

function problemsOf(task: HarshTask, facts: CellFacts): Problem[] {
  const ready = factOf(facts, "ready");
  if (ready !== undefined && ready.call.how !== "value") return ["does not start"];
  if (factOf(facts, "begun") === undefined) return ["does not start"];
  const settled = factOf(facts, "settled");
  if (settled === undefined) return [facts.end === "stuck" ? "hangs" : "ends the program"];
  const own: Problem[] =
    settled.call.how === "nothing" ? ["hangs"] : task.judge(settled.call, facts);
  return [...own, ...afterwards(task, facts)];
}

/** What is wrong after the harsh call. A step that is missing is the one in which the process stuck. */
function afterwards(task: HarshTask, facts: CellFacts): Problem[] {
  if (facts.end === "died") return ["ends the program"];
  const again = factOf(facts, "again")?.call;
  const closed = factOf(facts, "closed")?.call;
  const isStuck = facts.end === "stuck";
  const problems: Problem[] = [];
  if (again === undefined && isStuck && task.hasSecondCall) return ["no second call"];
  if (again !== undefined && (again.how !== "value" || again.value !== ORDINARY))
    problems.push("no second call");
  if (closed?.how === "nothing") problems.push("does not close");
  else if (isStuck) problems.push("does not exit");
  return problems;
}
