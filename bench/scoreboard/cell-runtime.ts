/** Which program runs the cells: this Node, a runtime that the tests are pinned to, or one at a path. */
import { existsSync } from "node:fs";
import { obtainRuntime, runtimeNames } from "../../scripts/runtimes.ts";
import { runLimited } from "../../scripts/limited-process.ts";
import type { CellRuntime } from "./runner.ts";

/** The runtime that runs this code. */
export function thisCellRuntime(): CellRuntime {
  const isDeno = process.versions["deno"] !== undefined;
  return { command: process.execPath, parameters: isDeno ? DENO : [] };
}

/** Finds a runtime by its name among those of the tests, or by the path of its program. Throws if it is neither. */
export async function findCellRuntime(wanted: string | undefined): Promise<CellRuntime> {
  if (wanted === undefined) return thisCellRuntime();
  const command = runtimeNames().includes(wanted) ? await pinned(wanted) : wanted;
  if (!existsSync(command)) {
    const known = runtimeNames().join(", ");
    throw new Error(`Expected the path of a program or one of ${known}; got "${wanted}".`);
  }
  return { command, parameters: /deno/.test(wanted) ? DENO : [] };
}

/** What a runtime says of its version. */
export async function versionOf({ command }: CellRuntime): Promise<string> {
  const result = await runLimited({
    command,
    parameters: ["--version"],
    cwd: process.cwd(),
    limitMs: 20_000,
  });
  const said = result.stdout.trim().split("\n")[0] ?? "";
  if (said.startsWith("v")) return `Node ${said.slice(1)}`;
  return /^\d/.test(said) ? `Bun ${said}` : said.replace(/^deno ([\d.]+).*$/, "Deno $1");
}

const DENO: readonly string[] = ["run", "--allow-all", "--no-check"];

async function pinned(name: string): Promise<string> {
  const found = await obtainRuntime(name);
  if ("missing" in found) throw new Error(`${name} could not be had: ${found.missing}`);
  return found.command;
}
