/**
 * `npm run scoreboard [package…] [-- --task NAME] [--runtime NAME_OR_PATH] [--json | --markdown]`: the harsh
 * tasks, on each package. The exit code is 1 if anything in quipe's row is wrong.
 */
import { parseArgs } from "node:util";
import { findCellRuntime, versionOf } from "./cell-runtime.ts";
import type { HarshTask } from "./harsh-task.ts";
import { isRight } from "./judge.ts";
import { boardMarkdown, boardTable, notesOf, withVersion, wordsOf } from "./printer.ts";
import { harshTasks, packageNames } from "./roster.ts";
import { runBoard } from "./runner.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    task: { type: "string", multiple: true, default: [] },
    runtime: { type: "string" },
    patience: { type: "string", default: "6" },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

const packages = chosen("package", packageNames, positionals);
const names = chosen(
  "task",
  harshTasks.map(({ name }) => name),
  values.task,
);
const tasks: HarshTask[] = harshTasks.filter(({ name }) => names.includes(name));
const runtime = await findCellRuntime(values.runtime);
const version = await versionOf(runtime);
const verdicts = await runBoard({
  packages,
  tasks,
  runtime,
  patienceMs: Number(values.patience) * 1000,
  atOnce: 2,
  onVerdict(verdict) {
    if (values.json) {
      console.log(JSON.stringify({ runtime: version, verdict: wordsOf(verdict), ...verdict }));
      return;
    }
    process.stderr.write(`${verdict.package}, ${verdict.task}: ${wordsOf(verdict)}\n`);
    if (values.verbose && !isRight(verdict)) process.stderr.write(`${verdict.facts.tail}\n`);
  },
});
if (!values.json) {
  console.log(`${version} · ${packages.map(withVersion).join(" · ")}`);
  console.log((values.markdown ? boardMarkdown : boardTable)(verdicts, tasks));
  console.log(notesOf(verdicts));
}
const isWrong = verdicts.some((verdict) => verdict.package === "quipe" && !isRight(verdict));
process.exitCode = isWrong ? 1 : 0;

/** What the command line asks for; everything if it asks for nothing. */
function chosen(
  kind: string,
  known: readonly string[],
  wanted: readonly string[],
): readonly string[] {
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no ${kind} ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
    process.exit(2);
  }
  return wanted.length === 0 ? known : wanted;
}
