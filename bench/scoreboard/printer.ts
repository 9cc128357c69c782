/** How a board is told: a table for people, one JSON object a line for programs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { projectRoot } from "../../scripts/project-files.ts";
import type { HarshTask } from "./harsh-task.ts";
import type { Verdict } from "./judge.ts";

const CELL_WIDTH = 17;

/** A package with its version, as npm writes it. */
export function withVersion(name: string): string {
  const own = name === "quipe";
  const folder = own ? projectRoot : join(projectRoot, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return `${name} ${version}`;
}

/** The verdict in the words that docs/scoreboard.md defines. */
export function wordsOf({ notOffered, problems }: Verdict): string {
  if (notOffered !== undefined) return "–";
  return problems.length === 0 ? "right" : problems.join(", ");
}

/** One row for each package, one column for each task. */
export function boardTable(verdicts: readonly Verdict[], tasks: readonly HarshTask[]): string {
  const table = new Table({
    head: ["", ...tasks.map(({ title }) => title)],
    style: { head: [], border: [] },
    colWidths: [undefined, ...tasks.map(() => CELL_WIDTH)] as number[],
    wordWrap: true,
  });
  for (const row of rowsOf(verdicts, tasks)) table.push(row);
  return table.toString();
}

/** The same as a table of Markdown, for the documentation. */
export function boardMarkdown(verdicts: readonly Verdict[], tasks: readonly HarshTask[]): string {
  const head = ["", ...tasks.map(({ title }) => title)];
  const lines = [head, head.map(() => "---"), ...rowsOf(verdicts, tasks)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What was not offered, and why. */
export function notesOf(verdicts: readonly Verdict[]): string {
  const notes = new Set(
    verdicts.flatMap((one) =>
      one.notOffered === undefined ? [] : [`– ${one.package}, ${one.task}: ${one.notOffered}`],
    ),
  );
  return [...notes].join("\n");
}

function rowsOf(verdicts: readonly Verdict[], tasks: readonly HarshTask[]): string[][] {
  const packages = [...new Set(verdicts.map((one) => one.package))];
  return packages.map((name) => [
    withVersion(name),
    ...tasks.map((task) => {
      const found = verdicts.find((one) => one.package === name && one.task === task.name);
      return found === undefined ? "" : wordsOf(found);
    }),
  ]);
}
