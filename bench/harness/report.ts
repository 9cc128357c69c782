/**
 * How results are told: a table for people, one JSON object a line for programs.
 */
import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { competitorOf } from "./discovery.ts";
import type { Outcome } from "./rounds.ts";
import type { Row, Unit } from "./workload.ts";

/** The machine and the runtime that the figures are from. */
export interface Machine {
  readonly runtime: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
}

/** This machine and this runtime. */
export function thisMachine(): Machine {
  return {
    runtime: runtimeInWords(process.versions),
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
  };
}

/** Bun and Deno give a version of Node, too: the one that they are like. */
function runtimeInWords(versions: NodeJS.ProcessVersions): string {
  const { bun, deno, node, v8 } = versions;
  if (bun !== undefined) return `Bun ${bun}`;
  return `${deno === undefined ? `Node ${node}` : `Deno ${deno}`}, V8 ${v8}`;
}

/** One line about the machine. */
export function machineLine({ runtime, platform, processor, cores, memoryGB }: Machine): string {
  return `${runtime} · ${platform} · ${cores} × ${processor} · ${memoryGB} GB`;
}

/** The rows as a table. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ["workload", "what", "quipe", "against", "", "ratio", "reach", ""],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "right", "left", "right", "right", "right", "left"],
  });
  let last = "";
  for (const outcome of outcomes) {
    const { row, figures, ratio, verdict, workload } = outcome;
    table.push([
      workload === last ? "" : workload,
      row.what,
      figures === undefined ? "–" : amount(figures.of, row.unit),
      competitorOf(row.against),
      figures === undefined ? "–" : amount(figures.against, row.unit),
      ratio === undefined ? "–" : ratioText(row, ratio),
      reachText(row),
      { met: "met", missed: "MISSED", untold: "", wrong: "WRONG" }[verdict],
    ]);
    last = workload;
  }
  return table.toString();
}

/** One row as one line of JSON. */
export function jsonLine(outcome: Outcome, machine: Machine): string {
  const { workload, row, figures, ratio, verdict } = outcome;
  return JSON.stringify({ workload, ...row, kind: row.ratio, figures, ratio, verdict, machine });
}

/** How many demands were met. */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const count = (verdict: Outcome["verdict"]): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  return `${count("met")} met, ${count("missed")} missed, ${count("wrong")} wrong, ${count("untold")} without a demand`;
}

function amount(value: number, unit: Unit): string {
  if (unit === "ns" && value >= 1e6) return `${significant(value / 1e6)} ms`;
  if (unit === "ns" && value >= 1e3) return `${significant(value / 1e3)} µs`;
  if (unit === "ms" && value < 1) return `${significant(value * 1e3)} µs`;
  return `${significant(value)} ${unit}`;
}

function ratioText({ ratio: kind }: Row, ratio: number): string {
  return kind === "cost" ? significant(ratio) : `${significant(ratio)} ×`;
}

function reachText({ ratio: kind, reach, atMost, unit }: Row): string {
  const parts: string[] = [];
  if (reach !== undefined) parts.push(kind === "cost" ? `≤ ${reach}` : `≥ ${reach} ×`);
  if (atMost !== undefined) parts.push(`≤ ${atMost} ${unit}`);
  return parts.join(", ");
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
