/**
 * Finding workloads: a folder of bench/workloads with a `workload.js`; every other file in it that exports
 * `measure` is a competitor and has its name.
 */
import { existsSync, readdirSync } from "node:fs";
import type { Workload } from "./workload.ts";

/** One competitor in one workload. */
export interface Competitor {
  readonly name: string;
  /** The URL of its file. */
  readonly module: string;
}

/** A workload that was found. */
export interface Found {
  readonly name: string;
  readonly workload: Workload;
  readonly competitors: readonly Competitor[];
}

const root = new URL("../workloads/", import.meta.url);

/** The names of all workloads. */
export function workloadNames(): string[] {
  return readdirSync(root).filter((name) => existsSync(new URL(`${name}/workload.js`, root)));
}

/** Loads a workload and lists its competitors. */
export async function findWorkload(name: string): Promise<Found> {
  const folder = new URL(`${name}/`, root);
  const { workload } = (await import(new URL("workload.js", folder).href)) as {
    readonly workload: Workload;
  };
  const wanted = new Set(
    workload.rows.flatMap(({ of, against }) => [of, against].map(competitorOf)),
  );
  const competitors = [...wanted].map((competitor) => {
    const file = new URL(`${competitor}.js`, folder);
    if (!existsSync(file)) throw new Error(`${name} has no competitor "${competitor}"`);
    return { name: competitor, module: file.href };
  });
  return { name, workload, competitors };
}

/** The competitor that a figure belongs to. */
export function competitorOf(figure: string): string {
  return figure.slice(0, figure.indexOf("."));
}
