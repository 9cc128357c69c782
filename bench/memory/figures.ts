/**
 * Figures of shared memory against plain objects, one process for each line.
 *
 *   node dist/bench/memory/figures.js [part of a name]
 */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { freeze } from "../../src/memory/freeze.ts";
import { createRegion, openRegion } from "../../src/memory/region.ts";
import { share } from "../../src/memory/share.ts";
import { scan } from "../../src/memory/scan.ts";
import { rootOf } from "../../src/memory/views.ts";
import type { Product } from "../data/table.ts";
import { compiledCopy, sideBySide } from "../harness/timing.ts";
import { cities, compatibility, graph, type Job, jobs, table, words } from "./jobs.ts";

/** Makes one line of the table. */
type Line = () => string;

const encoded: Readonly<Record<string, () => object>> = {
  table,
  compatibility,
  cities,
  words,
  graph,
};

function lines(): Map<string, Line> {
  const all = new Map<string, Line>();
  for (const [name, data] of Object.entries(encoded))
    all.set(`freeze: ${name}`, () => encodeLine(data()));
  all.set("table: scan, two numbers", () => scanLine(table()));
  for (const [name, job] of Object.entries(jobs)) all.set(name, () => jobLine(job));
  return all;
}

function least(times: number, work: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

function encodeLine(data: object): string {
  let id = 1_000_000;
  const ours = least(5, () => createRegion(data, ++id));
  const bytes = createRegion(data, ++id).buffer.byteLength;
  let clone = Number.NaN;
  try {
    clone = least(5, () => structuredClone(data));
  } catch {
    // structuredClone overflows the stack on deep graphs.
  }
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return `${ours.toFixed(0)} ms, structuredClone ${clone.toFixed(0)} ms, ratio ${(ours / clone).toFixed(2)}, region ${size}`;
}

function scanLine(rows: Product[]): string {
  const plainJob = compiledCopy((list: Iterable<Product>) => {
    let sum = 0;
    for (const row of list) sum += row.price + row.stock;
    return sum;
  });
  const viewJob = compiledCopy((list: Iterable<Product>) => {
    let sum = 0;
    for (const row of list) sum += row.price + row.stock;
    return sum;
  });
  const view = freeze(rows);
  const plain = least(20, () => plainJob(rows));
  const ours = least(20, () => viewJob(scan(view) as Iterable<Product>));
  return `${ours.toFixed(1)} ms, plain ${plain.toFixed(1)} ms, ratio ${(ours / plain).toFixed(2)}`;
}

function jobLine(job: Job): string {
  const data = job.data();
  const shared = job.shared?.() ?? data;
  const region = createRegion(shared, 77);
  const work = job.work as (data: object) => number;
  const view = job.edited === true ? share(shared) : (rootOf(region) as object);
  const { figures, checksum } = sideBySide({ plain: data, view }, work, 2_000);
  const ms = figures as { plain: number; view: number };
  let first = Infinity;
  const warm = compiledCopy(work);
  for (let i = 0; i < 4; i++) {
    const fresh = rootOf(openRegion(copyOf(region.buffer, 100 + i))) as object;
    const begin = performance.now();
    if (job.edited === true) break;
    warm(fresh);
    if (i > 0) first = Math.min(first, performance.now() - begin);
  }
  return (
    `${ms.view.toFixed(2)} ms, plain ${ms.plain.toFixed(2)} ms, ratio ${(ms.view / ms.plain).toFixed(2)} (reach ${job.reach ?? "-"}), ` +
    `first touch ${(first / ms.plain).toFixed(1)} (reach ${job.first ?? "-"})${typeof checksum === "string" && checksum !== "compared" ? ` WRONG ${checksum}` : ""}`
  );
}

function copyOf(buffer: SharedArrayBuffer, id: number): SharedArrayBuffer {
  const copy = buffer.slice(0);
  new Int32Array(copy)[2] = id;
  return copy;
}

function main(): void {
  const [wanted = "", exact] = process.argv.slice(2);
  for (const [name, line] of lines()) {
    if (exact === "--here" ? name !== wanted : !name.includes(wanted)) continue;
    if (exact === "--here") {
      console.log(`${name.padEnd(42)} ${line()}`);
      continue;
    }
    const { stdout, stderr } = spawnSync(process.execPath, [process.argv[1] ?? "", name, "--here"]);
    process.stdout.write(
      stdout.length > 0 ? stdout : `${name} failed: ${stderr.toString().slice(0, 600)}\n`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
