/**
 * What differs between runtimes stands in the table of docs/runtimes.md, each row under a name. A test that holds a row says so
 * in a comment above it; a test that is skipped on a runtime ends its reason with the row in brackets. What a machine
 * may lack, and no runtime, is `[machine]`.
 *
 *   // docs/runtimes.md: kill-computing
 *   test("…", { skip: isDeno && "Deno does not stop a thread that computes [kill-computing]" }, …)
 */
import { findingAt, isIn } from "./source.ts";
import type { Finding, Source } from "./source.ts";

const notOfTheRuntime = "machine";

/** The names of the rows of the table. */
export function rowsOf(page: string): string[] {
  return [...page.matchAll(/^\| `([a-z0-9-]+)`/gm)].map((match) => match[1] ?? "");
}

/** Rows that no test holds, and comments of tests about rows that are not there. */
export function findRowsWithoutTest(page: Source, sources: readonly Source[]): Finding[] {
  const rows = rowsOf(page.text);
  const held = new Set<string>();
  const findings: Finding[] = [];
  for (const source of sources.filter((one) => isIn(one, "test") && !isIn(one, "test/tidy"))) {
    const pattern = /^\/\/ docs\/runtimes\.md: ([a-z0-9-]+)\n(?:test|commandTest|everyVariant)\(/gm;
    for (const match of source.text.matchAll(pattern)) {
      const row = match[1] ?? "";
      held.add(row);
      if (!rows.includes(row)) findings.push(findingAt(source, match.index, noSuchRow(row)));
    }
  }
  const idle = rows.filter((row) => !held.has(row));
  return [
    ...findings,
    ...idle.map((row) =>
      findingAt(page, page.text.indexOf(`| \`${row}\``), `no test holds the row ${row}`),
    ),
  ];
}

/** Reasons of skipped tests that name no row, or one that is not there. */
export function findSkipsWithoutRow(source: Source, rows: readonly string[]): Finding[] {
  if (!isIn(source, "test") || isIn(source, "test/tidy", "test/scripts")) return [];
  return skipsIn(source).flatMap(({ offset, expression }) => {
    const whole = withConstants(expression, source.text);
    const texts = [...whole.matchAll(/"([^"\n]*)"/g)];
    const reasons = texts.map((text) => text[1] ?? "").filter((text) => text.includes(" "));
    if (reasons.length === 0) {
      const isElsewhere = /\bexclusion\(|\bskip: undefined\b|\boptions\.skip\b/.test(whole);
      return isElsewhere ||
        ["reason", "undefined"].includes(expression) ||
        isGiven(expression, source)
        ? []
        : [findingAt(source, offset, "a skip gives its reason")];
    }
    return reasons.flatMap((reason) => {
      const row = /\[([a-z0-9-]+)\]$/.exec(reason)?.[1];
      if (row === undefined) return [findingAt(source, offset, `"${reason}" ends with no [row]`)];
      const isKnown = rows.includes(row) || row === notOfTheRuntime;
      return isKnown ? [] : [findingAt(source, offset, noSuchRow(row))];
    });
  });
}

interface Skip {
  readonly offset: number;
  readonly expression: string;
}

/** `skip: …`, `{ skip }`, `t.skip(…)` and exported reasons, with what is said there up to the end of the options or of the call. */
function skipsIn(source: Source): Skip[] {
  const pattern = /\bt\.skip\(([^;]*?)\);|\bskip:\s*([^}]*?)\s*,?\s*\}|\{ (skip) \}/g;
  const shared = /^export const \w+: string \| false =\s*([^;]*);/gm;
  const given = [...source.text.matchAll(shared)].map((match) => ({
    offset: match.index,
    expression: match[1] ?? "",
  }));
  const here = [...source.text.matchAll(pattern)]
    .filter((match) => source.code.startsWith(match[0].slice(0, 4), match.index))
    .filter((match) => !/^skip: (string|boolean)\b/.test(match[0]))
    .map((match) => ({
      offset: match.index,
      expression: match[1] ?? match[2] ?? match[3] ?? "",
    }));
  return [...given, ...here];
}

/** The expression, and what the constants in it are made of. */
function withConstants(expression: string, text: string): string {
  const names = [...expression.matchAll(/\b[a-z]\w*\b/gi)].map(([name]) => name);
  const made = names.map(
    (name) => new RegExp(`^\\s*const ${name}\\b[^=;]*=\\s*([^;]*);`, "m").exec(text)?.[1] ?? "",
  );
  return [expression, ...made].join(" ");
}

/** Whether the expression is a name that another file or the caller gives, where its reason is checked. */
function isGiven(expression: string, source: Source): boolean {
  return /^\w+$/.test(expression) && new RegExp(`import[^;]*\\b${expression}\\b`).test(source.text);
}

function noSuchRow(row: string): string {
  return `docs/runtimes.md has no row ${row}`;
}
