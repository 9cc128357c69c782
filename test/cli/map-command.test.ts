/**
 * `quipe map` as it is typed: records in, lines of JSON out.
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { TestFolder, commandTest, exampleModule, runCommand, testModule } from "./command-run.ts";

const records = testModule("records");
const map = ["map", "--no-progress", "--tasks", "1"];

function linesOf(text: string): unknown[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

commandTest("each line of standard input gives a line of JSON, in order", async () => {
  const { code, stdout, stderr } = await runCommand([...map, exampleModule("square")], {
    input: "1\n2\n3\n",
  });
  assert.equal(code, 0);
  assert.equal(stdout, "1\n4\n9\n");
  assert.match(stderr, /^3 records in .* on \d+ tasks?\n$/);
});

commandTest(
  "the function gets the record, the shared data by name, and the record's number",
  async () => {
    using folder = new TestFolder();
    const shared = folder.write("shared.json", '\uFEFF{"a": [1, 2]}');
    const words = [
      ...map,
      `${records}#seen`,
      "--share",
      `data=${shared}`,
      "--share",
      `again=${shared}`,
    ];
    const { stdout } = await runCommand(words, { input: "x\ny" });
    const data = { a: [1, 2] };
    assert.deepEqual(linesOf(stdout), [
      { record: "x", shared: { data, again: data }, number: 1 },
      { record: "y", shared: { data, again: data }, number: 2 },
    ]);
    const isFrozen = await runCommand([...map, `${records}#frozen`, "--share", `data=${shared}`], {
      input: "x",
    });
    assert.equal(isFrozen.stdout, "true\n");
  },
);

commandTest("the format follows the file's extension, and --format overrides it", async () => {
  using folder = new TestFolder();
  const cases: [string, string, string[], unknown[]][] = [
    ["a.ndjson", '{"a":1}\n\n[2]\r\n', [], [{ a: 1 }, [2]]],
    ["a.json", '[{"a":1}, "two", [3]]', [], [{ a: 1 }, "two", [3]]],
    ["b.json", '{"a":1} {"a":2}', [], [{ a: 1 }, { a: 2 }]],
    [
      "a.csv",
      'name,n\n"Å, B",1\nC,2\n',
      [],
      [
        { name: "Å, B", n: "1" },
        { name: "C", n: "2" },
      ],
    ],
    ["b.txt", "[1]\n", ["--format", "ndjson"], [[1]]],
  ];
  for (const [name, content, more, expected] of cases) {
    const words = [
      ...map,
      "--tasks",
      "1",
      `${records}#same`,
      "--in",
      folder.write(name, content),
      ...more,
    ];
    const { code, stdout, stderr } = await runCommand(words);
    assert.equal(code, 0, stderr);
    assert.deepEqual(linesOf(stdout), expected, name);
  }
});

commandTest(
  "results are the same on one task and on many, and unordered only their order differs",
  async () => {
    const input = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("");
    const expected = Array.from({ length: 20_000 }, (_, i) => i * i);
    for (const tasks of ["1", "3"]) {
      const { stdout } = await runCommand([...map, exampleModule("square"), "--tasks", tasks], {
        input,
      });
      assert.deepEqual(linesOf(stdout), expected);
    }
    const unordered = await runCommand(
      [...map, exampleModule("square"), "--tasks", "3", "--unordered"],
      { input },
    );
    assert.deepEqual(
      linesOf(unordered.stdout).toSorted((a, b) => Number(a) - Number(b)),
      expected,
    );
  },
);

commandTest(
  "a failing record stops the run after the results before it, and shows the task's stack",
  async () => {
    const { code, stdout, stderr } = await runCommand([...map, `${records}#picky`], {
      input: "a\nb\nbad\nc\n",
    });
    assert.equal(code, 1);
    assert.equal(stdout, '"a"\n"b"\n');
    assert.match(
      stderr,
      /^record 3: RangeError: a bad one\n +at picky \(.*records\.js:\d+:\d+\)\n/,
    );
    assert.match(stderr, /1 failed, stopped at the first failure\n$/);
    assert.doesNotMatch(
      stderr,
      /src\/(cli|pool|task|quipe)\//,
      "frames of quipe itself are left out",
    );
  },
);

commandTest(
  "--on-error skip leaves failed records out, keep puts an error in their place",
  async () => {
    const input = "a\nbad\nc\nbad\n";
    const skip = await runCommand([...map, `${records}#later`, "--on-error", "skip"], { input });
    assert.equal(skip.code, 1);
    assert.equal(skip.stdout, '"A"\n"C"\n');
    assert.match(skip.stderr, /^record 2: .*[\s\S]*^record 4: .*[\s\S]*2 failed\n$/m);
    const keep = await runCommand([...map, `${records}#later`, "--on-error", "keep"], { input });
    assert.equal(keep.code, 1);
    const error = { name: "RangeError", message: "a bad one" };
    assert.deepEqual(linesOf(keep.stdout), ["A", { error, record: 2 }, "C", { error, record: 4 }]);
  },
);

commandTest("undefined becomes null; what JSON cannot say is that record's error", async () => {
  const input = "undefined\nbigint\nloop\nfunction\nnan\n";
  const { stdout } = await runCommand([...map, `${records}#strange`, "--on-error", "keep"], {
    input,
  });
  const lines = linesOf(stdout) as ({ error?: { message: string }; record?: number } | null)[];
  assert.equal(lines[0], null);
  assert.match(lines[1]?.error?.message ?? "", /BigInt/);
  assert.match(lines[2]?.error?.message ?? "", /circular/);
  assert.match(lines[3]?.error?.message ?? "", /a function, which JSON cannot say/);
  assert.equal(lines[4], null);
});

commandTest(
  "a line that is not JSON or not UTF-8 fails alone, with its number and its line",
  async () => {
    const input = Buffer.concat([
      Buffer.from('1\n\n{"a":}\n'),
      Buffer.from([0xff, 0x0a]),
      Buffer.from("4\n"),
    ]);
    const words = [...map, `${records}#same`, "--format", "ndjson", "--on-error", "skip"];
    const { code, stdout, stderr } = await runCommand(words, { input });
    assert.equal(code, 1);
    assert.equal(stdout, "1\n4\n");
    assert.match(
      stderr,
      /^record 2 \(line 3\): SyntaxError: not JSON: Unexpected token .*\nrecord 3 \(line 4\): SyntaxError: not valid UTF-8/,
    );
  },
);

commandTest(
  "what a function prints goes to standard error, so standard output stays JSON",
  async () => {
    const { stdout, stderr } = await runCommand([...map, `${records}#chatty`, "--tasks", "1"], {
      input: "a\n",
    });
    assert.equal(stdout, '"a"\n');
    assert.match(stderr, /saying a\n/);
    assert.match(stderr, /writing\n/);
  },
);

commandTest(
  "results go to --out; an empty input leaves an empty file; a run that cannot start leaves it alone",
  async () => {
    using folder = new TestFolder();
    const out = folder.write("out.ndjson", "precious\n");
    const wrong = await runCommand([...map, `${records}#nothing`, "--out", out], { input: "a\n" });
    assert.equal(wrong.code, 2);
    assert.equal(readFileSync(out, "utf8"), "precious\n");
    await runCommand([...map, `${records}#same`, "--out", out], { input: "a\n" });
    assert.equal(readFileSync(out, "utf8"), '"a"\n');
    const empty = await runCommand([...map, `${records}#same`, "--out", out], { input: "" });
    assert.equal(empty.code, 0);
    assert.equal(readFileSync(out, "utf8"), "");
  },
);

commandTest("the output may not be the input", async () => {
  using folder = new TestFolder();
  const file = folder.write("data.txt", "precious\n");
  const { code, stderr } = await runCommand([
    ...map,
    `${records}#same`,
    "--in",
    file,
    "--out",
    file,
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /is both the input and the output/);
  assert.equal(readFileSync(file, "utf8"), "precious\n");
});

commandTest("without an export's name the default or the only function is called", async () => {
  const { stdout } = await runCommand([...map, testModule("only")], { input: "abc\n" });
  assert.equal(stdout, "3\n");
});

commandTest("a module or a file that is not right is one clear line and exit code 2", async () => {
  using folder = new TestFolder();
  const bad = folder.write("bad.json", '{\n  "a": 1,\n  b\n}');
  const cases: [string[], RegExp][] = [
    [[], /missing required argument/],
    [[folder.file("none.js")], /there is no module .*none\.js/],
    [[folder.path], /there is no module .*: it is a directory/],
    [[`${records}#sqare`], /the export "sqare" is not there\. It exports chatty, deadly/],
    [[`${records}#limit`], /the export "limit" is no function\. It exports .*limit \(number\)/],
    [[records], /it exports several functions.*Name one: .*#chatty/],
    [
      [testModule("throws")],
      /throws\.js does not load: ReferenceError: the configuration is missing \(file:.*throws\.js:\d+/,
    ],
    [
      [folder.write("syntax.mjs", "export const = 3;")],
      /syntax\.mjs does not load: SyntaxError: .*\(file:.*syntax\.mjs:1\)/,
    ],
    [[records, "--in", folder.file("none.txt")], /cannot read .*none\.txt: there is no such file/],
    [[records, "--in", folder.path], /cannot read .*: it is a directory/],
    [
      [`${records}#same`, "--share", `a=${folder.file("none.json")}`],
      /cannot read .*none\.json: there is no such file/,
    ],
    [[`${records}#same`, "--share", `a=${bad}`], /bad\.json is not JSON: .*line 3 column 3/],
    [
      [
        `${records}#same`,
        "--share",
        `a=${folder.write("latin.json", Buffer.from('"\xfc"', "latin1"))}`,
      ],
      /latin\.json is not valid UTF-8/,
    ],
    [
      [`${records}#same`, "--in", folder.write("half.json", "[1, 2")],
      /half\.json is not JSON: it ends in the middle of its array/,
    ],
    [
      [
        `${records}#same`,
        "--in",
        folder.write("a.txt", "x"),
        "--out",
        folder.file("no/such/folder"),
      ],
      /cannot write .*: there is no such file/,
    ],
  ];
  for (const [more, message] of cases) {
    const { code, stderr } = await runCommand([...map, ...more], { input: "1\n" });
    assert.match(stderr, message);
    assert.match(stderr, /^quipe: [^\n]+\n$/, "one line");
    assert.equal(code, 2);
  }
  assert.ok(!existsSync(folder.file("no")));
});

commandTest("help and version are no errors", async () => {
  const help = await runCommand(["map", "--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--on-error/);
  const version = await runCommand(["--version"]);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});
