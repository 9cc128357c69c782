/** Arguments become a request, or one clear line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "../../src/cli/command-error.ts";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { formatOfFile } from "../../src/cli/record-input.ts";

function refusal(words: readonly string[]): string {
  try {
    parseCommandLine(words);
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return error.message;
  }
  return assert.fail(`${words.join(" ")} was accepted`);
}

test("what is typed becomes a request", () => {
  const words = [
    "map",
    "m.js#f",
    "--in",
    "a.csv",
    "--out",
    "b",
    "--share",
    "x=y.json",
    "--tasks",
    "3",
  ];
  const more = ["--unordered", "--on-error", "keep", "--timeout", "250", "--no-progress"];
  const parsed = parseCommandLine([...words, ...more]);
  assert.ok("request" in parsed);
  assert.deepEqual(parsed.request, {
    module: "m.js#f",
    inputPath: "a.csv",
    format: "csv",
    outputPath: "b",
    shared: [{ name: "x", file: "y.json" }],
    tasks: 3,
    ordered: false,
    onError: "keep",
    timeoutMs: 250,
    progress: false,
  });
});

test("without options lines come from standard input, in order, and the first failure stops", () => {
  const parsed = parseCommandLine(["map", "m.js"]);
  assert.ok("request" in parsed);
  const { inputPath, format, outputPath, ordered, onError, timeoutMs } =
    parsed.request as unknown as Record<string, unknown>;
  assert.deepEqual(
    [inputPath, format, outputPath, ordered, onError, timeoutMs],
    [undefined, "lines", undefined, true, "stop", undefined],
  );
});

test("a dash means standard input and standard output", () => {
  const parsed = parseCommandLine(["map", "m.js", "--in", "-", "--out", "-"]);
  assert.ok("request" in parsed && "inputPath" in parsed.request && "outputPath" in parsed.request);
  assert.equal(parsed.request.inputPath, undefined);
  assert.equal(parsed.request.outputPath, undefined);
});

test("the format follows the file's extension", () => {
  const files = ["a.ndjson", "a.jsonl", "a.JSON", "a.csv", "a.txt", "a", undefined];
  assert.deepEqual(files.map(formatOfFile), [
    "ndjson",
    "ndjson",
    "json",
    "csv",
    "lines",
    "lines",
    "lines",
  ]);
});

test("wrong arguments are refused in one line that says which", () => {
  const cases: [string[], RegExp][] = [
    [["map"], /missing required argument/],
    [["mop"], /unknown command 'mop'.*Did you mean map/],
    [["map", "x.js", "--what"], /unknown option '--what'/],
    [["map", "x.js", "--tasks", "0"], /'--tasks <n>' argument '0' is invalid.*whole number from 1/],
    [["map", "x.js", "--tasks", "two"], /argument 'two' is invalid/],
    [["map", "x.js", "--tasks", "1e9"], /argument '1e9' is invalid/],
    [["map", "x.js", "--timeout", "soon"], /Expected a number of milliseconds above 0/],
    [["map", "x.js", "--timeout", "0"], /Expected a number of milliseconds above 0/],
    [["map", "x.js", "--format", "xml"], /Allowed choices are lines, ndjson, csv, json/],
    [["map", "x.js", "--on-error", "cry"], /Allowed choices are stop, skip, keep/],
    [["map", "x.js", "--share", "data.json"], /--share expects name=FILE, got "data\.json"/],
    [["map", "x.js", "--share", "=data.json"], /--share expects name=FILE/],
    [["map", "x.js", "--share", "a b=data.json"], /--share expects name=FILE/],
    [["map", "x.js", "y.js"], /too many arguments/],
  ];
  for (const [words, message] of cases) {
    assert.match(refusal(words), message);
    assert.doesNotMatch(refusal(words), /\n/);
  }
});
