/**
 * `quipe freeze`, `info`, `cat` and `--share` of an image, as they are typed.
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { freeze, save } from "../../src/index.ts";
import { parseDataPath } from "../../src/cli/data-path.ts";
import { runCommand, TestFolder, testModule } from "./command-run.ts";

async function fails(words: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runCommand(words);
  assert.match(stderr, message);
  assert.match(stderr, /^quipe: .*\n$/);
  assert.equal(stdout, "");
  assert.equal(code, 2);
}

test("a JSON file becomes an image, and cat gives it back", async () => {
  using folder = new TestFolder();
  const data = { a: { b: [1, 2, 3, { "x y": "żółw" }] }, n: null };
  const source = folder.write("in.json", `\uFEFF${JSON.stringify(data)}`);
  const image = folder.file("out.quipe");
  const frozen = await runCommand(["freeze", source, "-o", image]);
  assert.equal(frozen.code, 0);
  assert.match(frozen.stderr, /^.*out\.quipe: [\d,]+ bytes in .*\n$/);
  const whole = await runCommand(["cat", image]);
  assert.equal(whole.stdout, `${JSON.stringify(data, null, 2)}\n`);
  const part = await runCommand(["cat", image, 'a.b[3]["x y"]']);
  assert.equal(part.stdout, '"żółw"\n');
  const compact = await runCommand(["cat", "--compact", image, "a"]);
  assert.equal(compact.stdout, `${JSON.stringify(data.a)}\n`);
});

test("JSON lines, CSV and lines of text become arrays", async () => {
  using folder = new TestFolder();
  const cases: [string, string, unknown][] = [
    ["a.ndjson", '{"a":1}\n\n[2]\n', [{ a: 1 }, [2]]],
    ["a.csv", 'name,n\n"Å, B",1\n', [{ name: "Å, B", n: "1" }]],
    ["a.txt", "one\n\ntwo\n", ["one", "", "two"]],
  ];
  for (const [name, text, data] of cases) {
    const image = folder.file("a.quipe");
    const { code } = await runCommand(["freeze", folder.write(name, text), "--out", image]);
    assert.equal(code, 0);
    const { stdout } = await runCommand(["cat", "--compact", image]);
    assert.deepEqual(JSON.parse(stdout), data);
  }
  const image = folder.file("stdin.quipe");
  await runCommand(["freeze", "-", "--format", "json", "-o", image], { input: '{"b":[true]}' });
  assert.equal((await runCommand(["cat", "--compact", image])).stdout, '{"b":[true]}\n');
});

test("info counts what is there", async () => {
  using folder = new TestFolder();
  const image = folder.file("rows.quipe");
  const rows = Array.from({ length: 10 }, (_, id) => ({ id, name: `n${id % 3}` }));
  await save(freeze({ rows }), image);
  const { stdout } = await runCommand(["info", "--json", image]);
  const { hash, ...facts } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(facts, {
    format: 2,
    bytes: readFileSync(image).length,
    objects: 12,
    shapes: 2,
    strings: 6,
    root: "object with rows",
  });
  assert.match(String(hash), /^[0-9a-f]{32}$/);
  const shown = await runCommand(["info", image]);
  assert.match(shown.stdout, /^objects +12$/m);
});

test("what JSON has no word for is written as what comes closest", async () => {
  using folder = new TestFolder();
  const image = folder.file("rich.quipe");
  const cyclic: { name: string; self?: unknown } = { name: "c" };
  cyclic.self = cyclic;
  await save(freeze({ big: 2n ** 70n, map: new Map([["k", new Set([1])]]), cyclic }), image);
  assert.equal((await runCommand(["cat", image, "big"])).stdout, `"${2n ** 70n}"\n`);
  assert.equal((await runCommand(["cat", "--compact", image, "map"])).stdout, '[["k",[1]]]\n');
  assert.equal((await runCommand(["cat", "--compact", image, "map.k"])).stdout, "[1]\n");
  await fails(["cat", image], /refers to itself/);
  assert.equal((await runCommand(["cat", image, "cyclic.name"])).stdout, '"c"\n');
});

test("tasks of map share an image", async () => {
  using folder = new TestFolder();
  const image = folder.file("shared.quipe");
  await save(freeze({ a: [1, 2] }), image);
  const module = `${testModule("records")}#seen`;
  const words = ["map", "--no-progress", module, "--share", `data=${image}`];
  const { code, stdout } = await runCommand(words, { input: "x\n" });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    record: "x",
    shared: { data: { a: [1, 2] } },
    number: 1,
  });
});

test("what is wrong is said in one line", async () => {
  using folder = new TestFolder();
  const image = folder.file("a.quipe");
  await save(freeze({ list: [{ a: 1 }] }), image);
  const bytes = readFileSync(image);
  const cut = folder.file("cut.quipe");
  writeFileSync(cut, bytes.subarray(0, 200));
  const json = folder.write("bad.json", '{"a":\n nope}');
  await fails(["cat", cut], /cut\.quipe: This image is damaged: it is cut off after 200 of/);
  await fails(["info", json], /not an image of quipe/);
  await fails(["cat", folder.file("none.quipe")], /there is no such file/);
  await fails(["cat", image, "list[1]"], /there is no "1" in list, an array of 1/);
  await fails(["cat", image, "list.[0]"], /makes no sense/);
  await fails(["freeze", json, "-o", folder.file("x.quipe")], /bad\.json is not JSON: .*\.$/m);
  await fails(["freeze", json], /--out/);
  const lines = folder.write("bad.ndjson", "1\nnope\n");
  await fails(["freeze", lines, "-o", folder.file("x.quipe")], /bad\.ndjson line 2/);
  await fails(
    ["freeze", lines, "--format", "lines", "-o", folder.file("no/x.quipe")],
    /cannot write/,
  );
  await fails(
    ["map", testModule("records"), "--share", `data=${cut}`],
    /cut\.quipe: This image is damaged/,
  );
  assert.ok(!existsSync(folder.file("x.quipe")));
});

test("paths are read as JavaScript writes them", () => {
  assert.deepEqual(parseDataPath(""), []);
  assert.deepEqual(parseDataPath('a.b[3]["x y"].c'), ["a", "b", "3", "x y", "c"]);
  assert.deepEqual(parseDataPath('[0][\'k.l\']["\\u0041\\""]'), ["0", "k.l", 'A"']);
  assert.deepEqual(parseDataPath("żółw.a-b"), ["żółw", "a-b"]);
  for (const path of [".a", "a..b", "a[", "a[x]", "a[1]b", 'a["x]', "a.", "a[-1]"]) {
    assert.throws(() => parseDataPath(path), { name: "CommandError" }, path);
  }
});
