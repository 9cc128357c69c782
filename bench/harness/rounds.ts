/**
 * Running the competitors of a workload: each in a process of its own, in turn, again and again.
 *
 *   round 1   quipe   post-message   bare-atomics
 *   round 2   quipe   post-message   bare-atomics      so a slow minute of the machine slows everybody
 *   …
 *
 * What counts is the least of each figure over the rounds.
 */
import { fileURLToPath } from "node:url";
import { runLimited } from "../../scripts/limited-process.ts";
import type { Competitor, Found } from "./discovery.ts";
import type { Row, Sample, Scale } from "./workload.ts";

/** What became of one row. */
export interface Outcome {
  readonly workload: string;
  readonly row: Row;
  /** The figure and the other one, as costs; undefined if one of them could not be had. */
  readonly figures: { readonly of: number; readonly against: number } | undefined;
  readonly ratio: number | undefined;
  /** `untold`: nothing is demanded. `wrong`: answers differ, or a competitor did not come to its end. */
  readonly verdict: "met" | "missed" | "untold" | "wrong";
}

/** What a workload came to. */
export interface Results {
  readonly outcomes: readonly Outcome[];
  /** What went wrong: different answers, crashes, time limits. */
  readonly troubles: readonly string[];
}

const LIMIT_MS = 180_000;
const TROUBLE_LINES = 12;
const child = fileURLToPath(new URL("child.js", import.meta.url));

/** Runs every competitor of a workload as often as it asks for. */
export async function runWorkload(found: Found, scale: Scale): Promise<Results> {
  const best = new Map<string, number>();
  const checksums = new Map<string, Set<string>>();
  const troubles: string[] = [];
  const rounds = scale.quick ? 1 : (found.workload.rounds ?? 3);
  for (let round = 0; round < rounds; round++) {
    for (const competitor of found.competitors) {
      const sample = await runCompetitor(competitor, scale);
      if (typeof sample === "string") {
        troubles.push(`${found.name}, ${competitor.name}: ${sample}`);
        continue;
      }
      if (sample.wrong !== undefined) {
        troubles.push(`${found.name}, ${competitor.name}: WRONG, ${sample.wrong}`);
      }
      keepBest(best, competitor.name, sample);
      const seen = checksums.get(String(sample.checksum)) ?? new Set();
      checksums.set(String(sample.checksum), seen.add(competitor.name));
    }
  }
  if (checksums.size > 1) {
    const answers = [...checksums].map(([sum, names]) => `${[...names].join(", ")}: ${sum}`);
    troubles.push(`${found.name}: WRONG, the answers differ (${answers.join("; ")})`);
  }
  const failed = troubles.length > 0;
  return {
    outcomes: found.workload.rows.map((row) => judge(found.name, row, best, failed)),
    troubles,
  };
}

/** Runs one competitor once; its sample, or what went wrong. */
async function runCompetitor({ module }: Competitor, { quick }: Scale): Promise<Sample | string> {
  const result = await runLimited({
    command: process.execPath,
    parameters: ["--expose-gc", child, module, quick ? "quick" : "full"],
    cwd: process.cwd(),
    limitMs: LIMIT_MS,
  });
  if (result.timedOut) return `not done after ${LIMIT_MS / 1000} s`;
  if (result.code !== 0) return `exit code ${result.code}\n${tailOf(result.output)}`;
  return JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "") as Sample;
}

function tailOf(output: string): string {
  return output.trim().split("\n").slice(-TROUBLE_LINES).join("\n");
}

function keepBest(best: Map<string, number>, competitor: string, { figures }: Sample): void {
  for (const [figure, cost] of Object.entries(figures)) {
    const name = `${competitor}.${figure}`;
    best.set(name, Math.min(cost, best.get(name) ?? Infinity));
  }
}

function judge(
  workload: string,
  row: Row,
  best: ReadonlyMap<string, number>,
  failed: boolean,
): Outcome {
  const of = best.get(row.of);
  const against = best.get(row.against);
  if (of === undefined || against === undefined) {
    return { workload, row, figures: undefined, ratio: undefined, verdict: "wrong" };
  }
  const ratio = row.ratio === "cost" ? of / against : against / of;
  return {
    workload,
    row,
    figures: { of, against },
    ratio,
    verdict: failed ? "wrong" : verdict(row, ratio, of),
  };
}

function verdict(
  { ratio: kind, reach, atMost }: Row,
  ratio: number,
  cost: number,
): Outcome["verdict"] {
  if (reach === undefined && atMost === undefined) return "untold";
  if (atMost !== undefined && cost > atMost) return "missed";
  if (reach === undefined) return "met";
  return (kind === "cost" ? ratio <= reach : ratio >= reach) ? "met" : "missed";
}
