/** TypeScript modules: by Node itself where it can, else by tsx, else with both ways out. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/project-files.ts";
import { TestFolder, commandTest, runCommand } from "./command-run.ts";

const map = ["map", "--no-progress", "--tasks", "1"];
const loadsTypes = "typescript" in process.features && process.features.typescript !== false;

function installTsx(folder: TestFolder): void {
  mkdirSync(folder.file("node_modules"));
  symlinkSync(join(projectRoot, "node_modules/tsx"), folder.file("node_modules/tsx"));
}

// docs/runtimes.md: command
commandTest(
  "Node loads a TypeScript module by itself",
  { skip: loadsTypes ? undefined : "this Node does not [typescript-modules]" },
  async () => {
    using folder = new TestFolder();
    const module = folder.write(
      "up.ts",
      "export const up = (line: string): string => line.toUpperCase();",
    );
    const { code, stdout, stderr } = await runCommand([...map, module], { input: "a\n" });
    assert.equal(stdout, '"A"\n', stderr);
    assert.equal(code, 0);
  },
);

commandTest(
  "without tsx, a Node that does not load TypeScript names both ways out",
  { skip: loadsTypes ? "this Node does [typescript-modules]" : undefined },
  async () => {
    using folder = new TestFolder();
    const module = folder.write("up.ts", "export const up = (line: string): string => line;");
    const { code, stderr } = await runCommand([...map, module], { input: "a\n" });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^quipe: .*up\.ts is TypeScript, .*npm install --save-dev tsx.*Node 22\.18 or later\.\n$/,
    );
  },
);

commandTest("what Node does not load, tsx does if it is installed next to the module", async () => {
  using folder = new TestFolder();
  installTsx(folder);
  const source =
    "enum Kind {first}\nexport const kind = (line: string): string => line + Kind.first;\n";
  const module = folder.write("kind.ts", source);
  const { code, stdout, stderr } = await runCommand([...map, module], { input: "a\n" });
  assert.equal(stdout, '"a0"\n', stderr);
  assert.equal(code, 0);
});
