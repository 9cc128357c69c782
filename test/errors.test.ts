/** The page of errors names exactly the codes that there are, and the sources throw each of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesUnder, projectRoot } from "../scripts/project-files.ts";

function read(path: string): string {
  return readFileSync(join(projectRoot, path), "utf8");
}

const union = /type QuipeErrorCode =([^;]+);/.exec(read("src/errors.ts"))?.[1] ?? "";
const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);

test("docs/errors.md has one row for every code, in their order", () => {
  const rows = [...read("docs/errors.md").matchAll(/^\| `([a-z-]+)` /gm)].map(([, code]) => code);
  assert.ok(codes.length > 20, "the codes were found");
  assert.deepEqual(rows, codes);
});

test("every row says when and what to do", () => {
  for (const row of read("docs/errors.md").split("\n")) {
    if (!row.startsWith("| `")) continue;
    const cells = row.split("|").map((cell) => cell.trim());
    assert.equal(cells.length, 5, row);
    assert.ok((cells[2] ?? "").length > 10 && (cells[3] ?? "").length > 10, row);
  }
});

test("every code is thrown somewhere", () => {
  const sources = filesUnder(join(projectRoot, "src"), ".ts")
    .filter((path) => !path.endsWith("errors.ts") || path.includes("end-errors"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const thrown = (code: string | undefined): boolean =>
    new RegExp(`QuipeError\\(\\s*"${code}"`).test(sources);
  assert.deepEqual(
    codes.filter((code) => !thrown(code)),
    [],
  );
});
