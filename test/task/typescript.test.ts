/** Tasks in TypeScript files: by the runtime itself where it can, else by tsx, which errors ask for. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runLimited } from "../../scripts/limited-process.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { runtimeName } from "../../src/runtime/host.ts";
import { spawn } from "../../src/task/spawn.ts";
import { Project } from "./project.ts";

const isNode = runtimeName() === "node";
const stripsTypes = "typescript" in process.features && process.features.typescript !== false;

const kinds = "export enum Kind { first = 1, second }\n";
const doubling = `
import { current, task } from "quipe";
import { Kind } from "./kinds.ts";

export function double(x: number): string {
  return current().name + x * Kind.second;
}
export const registered = task(import.meta.url, function registered(x: number): string {
  return "registered " + double(x);
});
`;

test("a module that needs more than its types taken out starts, with tsx next to it", async () => {
  using project = new Project(["quipe", "tsx"]);
  project.write("kinds.ts", kinds);
  const module = project.write("doubling.ts", doubling);
  for (let i = 1; i < 3; i++) {
    const named = spawn<string>({ module, export: "double" }, [i], { name: "n" });
    assert.equal(await named.result, `n${i * 2}`);
  }
});

test("a program that tsx runs starts the tasks of its TypeScript files", async (t) => {
  if (!isNode) return t.skip("tsx is for Node [typescript-modules]");
  using project = new Project(["quipe", "tsx"]);
  project.write("kinds.ts", kinds);
  project.write("doubling.ts", doubling);
  project.write("indirect.mjs", 'export { double as default } from "./doubling.ts";\n');
  project.write(
    "main.ts",
    `import { spawn } from "quipe";
import { Kind } from "./kinds.ts";
import { registered } from "./doubling.ts";
const module = new URL("./indirect.mjs", import.meta.url);
const square = (x: number): number => { const times = (y: number) => x * y; return times(x); };
console.log(await spawn(registered, [Kind.second]).result);
console.log(await spawn({ module }, [5]).result);
console.log(await spawn(square, [5]).result);
`,
  );
  const tsx = join(projectRoot, "node_modules/tsx/dist/cli.mjs");
  const run = await runLimited({
    command: process.execPath,
    parameters: [tsx, project.path("main.ts")],
    cwd: projectRoot,
    limitMs: 60_000,
  });
  assert.equal(run.stdout, "registered registered4\ndefault10\n25\n", run.output);
});

// docs/runtimes.md: typescript-modules
test("without tsx the error of a TypeScript module says what to do", async (t) => {
  if (!isNode) return t.skip("this runtime loads all of TypeScript [typescript-modules]");
  using project = new Project([]);
  const module = project.write("kinds.ts", `${kinds}export default () => Kind.first;\n`);
  const message = stripsTypes
    ? /kinds\.ts does not load: SyntaxError: .*enum.*(kinds\.ts:1)?.*install tsx next to it/
    : /kinds\.ts is TypeScript, .*npm install --save-dev tsx.*Node 22\.18 or later\.$/;
  const ofItsOwn = { resourceLimits: { maxOldGenerationSizeMb: 100 } }; // a thread that has no tsx from before
  const refused = spawn({ module }, [], ofItsOwn).result;
  await assert.rejects(refused, { code: "module-not-loaded", message });
});

test("a module that does not load says where, as far as the runtime tells", async () => {
  using project = new Project([]);
  const module = project.write(
    "broken.mjs",
    "export const a = 1;\nexport default () => {\n  a b;\n};\n",
  );
  await assert.rejects(spawn({ module }).result, {
    code: "module-not-loaded",
    message: /broken\.mjs does not load: \w+: .*(?:broken\.mjs:3|a b|found .b)/,
  });
  const throwing = project.write("throwing.mjs", "\nnull.x;\n");
  await assert.rejects(spawn({ module: throwing }).result, (error: Error) => {
    assert.match(error.message, /throwing\.mjs does not load: TypeError: /);
    assert.ok(error.cause instanceof TypeError);
    return true;
  });
});

test("what a module of CommonJS exports is found", async () => {
  using project = new Project([]);
  const module = project.write(
    "common.cjs",
    "module.exports = Object.assign(() => 1, { two: () => 2 });\n",
  );
  assert.equal(await spawn({ module }).result, 1);
  assert.equal(await spawn({ module, export: "two" }).result, 2);
});
