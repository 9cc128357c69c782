/** Runs an example of the documentation by itself, or many of them together, and compares what they print with what they promise. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GalleryNote } from "../scripts/example-gallery.ts";
import type { ExampleProgram } from "../scripts/example-programs.ts";
import { promisedLines } from "../scripts/example-source.ts";
import { runLimited } from "../scripts/limited-process.ts";
import { projectRoot } from "../scripts/project-files.ts";

const exampleLimitMs = 60_000;
const galleryLimitMs = 120_000;
/** What changes the whole process, and so the examples that come after it. */
const ofTheProcess = /\bprocess\.|\bdiagnostics\b|\bcheckStructs\b/;
const gallery = join(projectRoot, "dist", "scripts", "example-gallery.js");

/** "node", "bun" or "deno". */
export const exampleRuntime: string = process.versions["bun"]
  ? "bun"
  : "Deno" in globalThis
    ? "deno"
    : "node";
const flags = exampleRuntime === "deno" ? ["run", "--allow-all", "--no-check"] : [];

/** Runs the example in a process of its own; throws if it does not end well, or prints something else. */
export async function runAlone(program: ExampleProgram): Promise<void> {
  const result = await runLimited({
    command: process.execPath,
    parameters: [...flags, program.compiled],
    cwd: projectRoot,
    limitMs: exampleLimitMs,
  });
  const place = `${program.origin}:${program.line}`;
  assert.ok(
    !result.timedOut,
    `${place} did not end within ${exampleLimitMs} ms:\n${result.output}`,
  );
  assert.equal(result.code, 0, `${place} ended with code ${result.code}:\n${result.output}`);
  const promised = promisedLines(program.code);
  if (promised === undefined) return;
  assert.deepEqual(result.stdout.trimEnd().split("\n"), promised, `${place} prints something else`);
}

/**
 * Runs the examples in one process, and returns those that did what they say there. Of the others nothing is known:
 * they may print from tasks, or have met an error, or the process hung or died before their turn.
 */
export async function runTogether(
  programs: readonly ExampleProgram[],
): Promise<ReadonlySet<ExampleProgram>> {
  const willing = programs.filter((program) => !ofTheProcess.test(program.code));
  const folder = mkdtempSync(join(tmpdir(), "quipe-examples-"));
  const notes = join(folder, "notes.jsonl");
  const result = await runLimited({
    command: process.execPath,
    parameters: [...flags, gallery, notes, ...willing.map((program) => program.compiled)],
    cwd: projectRoot,
    limitMs: galleryLimitMs,
  });
  const printed = new Map(readNotes(notes).map((note) => [note.compiled, note.printed]));
  rmSync(folder, { recursive: true, force: true });
  // A process that had to be stopped, or died, says that one of them keeps it alive or spoils it: find out which.
  if (result.code !== 0) return new Set();
  return new Set(willing.filter((program) => keepsPromise(program, printed.get(program.compiled))));
}

function keepsPromise(program: ExampleProgram, printed: string | undefined): boolean {
  if (printed === undefined) return false;
  const promised = promisedLines(program.code);
  return promised === undefined || printed.trimEnd() === promised.join("\n");
}

function readNotes(file: string): GalleryNote[] {
  try {
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as GalleryNote);
  } catch {
    return [];
  }
}
