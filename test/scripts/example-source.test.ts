/**
 * The reader of examples: which blocks are found, and what they promise.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canFail,
  examplesInMarkdown,
  examplesInSource,
  exclusion,
  promisedLines,
} from "../../scripts/example-source.ts";

const fence = "```";

test("a block below @example is found with the line it starts on", () => {
  const source = [
    "/** The file. */",
    "",
    "/**",
    " * Adds.",
    " *",
    ` * ${fence}ts`,
    " * notAnExample();",
    ` * ${fence}`,
    " *",
    " * @example",
    ` * ${fence}ts`,
    " * if (a) {",
    " *   add();",
    " * }",
    ` * ${fence}`,
    " */",
    "export function add(): void {}",
  ].join("\n");
  assert.deepEqual(examplesInSource("src/sums/add.ts", source), [
    {
      name: "src-sums-add-add",
      origin: "src/sums/add.ts",
      line: 12,
      code: "if (a) {\n  add();\n}\n",
    },
  ]);
});

test("in a page the blocks marked ts are examples, and no others", () => {
  const page = ["ts", "js", "ts sketch", "typescript", "", "ts"]
    .map((mark, index) => `${fence}${mark}\nblock${index}();\n${fence}\n`)
    .join("\n");
  assert.deepEqual(
    examplesInMarkdown("docs/a.md", page).map((example) => [example.name, example.code]),
    [
      ["docs-a-1", "block0();\n"],
      ["docs-a-2", "block5();\n"],
    ],
  );
});

test("a promise is a comment behind console.log, or a line of its own", () => {
  const code = [
    "console.log(f(1)); // 1",
    "for (const x of y) console.log(x); // 2",
    "// prints: 3 // three",
    "const a = 4; // not a promise",
    '  console.log("http://a"); // 5',
    "console.log(6);",
  ].join("\n");
  assert.deepEqual(promisedLines(code), ["1", "2", "3 // three", "5"]);
  assert.equal(promisedLines("f(); // 1"), undefined);
});

test("an example that neither promises nor asserts cannot fail", () => {
  assert.equal(canFail("f();\nconsole.log(1);"), false);
  assert.equal(canFail("console.log(1); // 1"), true);
  assert.equal(canFail("assert.equal(f(), 1);"), true);
});

test("an example may leave a runtime out, with its reason", () => {
  const code = "// not on deno: it does not stop a busy thread\nf();";
  assert.equal(exclusion(code, "deno"), "it does not stop a busy thread");
  assert.equal(exclusion(code, "bun"), undefined);
});
