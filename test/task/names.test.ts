/** `spawn(fn, args, { names })`: names for a task besides its arguments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { move } from "../../src/memory/move.ts";
import { isFrozen, share } from "../../src/memory/share.ts";
import { spawn } from "../../src/task/spawn.ts";
import { report, reportNames } from "./programs/failures.ts";
import { withoutParser } from "../here.ts";

type Inline = (...args: unknown[]) => unknown;

function written(text: string): Inline {
  return new Function(`return (${text}\n);`)() as Inline;
}

test("an inline function finds the names as plain identifiers, and the frozen by reference", async () => {
  const rates = freeze({ low: 2, high: 3 });
  const shift = 10;
  const names = { rates, shift };
  assert.equal(await spawn((x: number) => x * rates.high + shift, [2], { names }).result, 16);
  const isTheSame = spawn(
    async () => (await import("quipe")).isFrozen(rates) && Object.keys(rates).length,
    [],
    { names },
  );
  assert.equal(await isTheSame.result, 2);
  assert.ok(isFrozen(rates));
});

test("a name wins over a global, and loses to what the function declares", async () => {
  const fn = written("(x) => { const shift = 1; return [structuredClone, shift, x]; }");
  const names = { structuredClone: "mine", shift: 2, x: 3 };
  assert.deepEqual(await spawn(fn, [4], { names }).result, ["mine", 1, 4]);
});

test("a name cannot be assigned to, and code is strict", { skip: withoutParser }, async () => {
  const options = { names: { count: 1 } };
  for (const text of ["() => { count = 2; }", "() => { count++; }", "() => ([count] = [1])"]) {
    assert.throws(() => spawn(written(text), [], options), {
      code: "name-locked",
      message: /assigns to count\. The names that are handed to a task are locked for it/,
    });
  }
  const shadowed = written("(x) => { let count = x; count++; return count; }");
  assert.equal(await spawn(shadowed, [1], options).result, 2);
  await assert.rejects(
    spawn(written("() => { Object.freeze([1])[0] = 2; }"), [], options).result,
    TypeError,
  );
});

test("names that a variable can have are taken, whatever they are", async () => {
  const names = { $: 1, _: 2, π: 3, __proto: 4, async: 5, of: 6, fn: 7, names: 8, undefined: 9 };
  const fn = written("() => [$, _, π, __proto, async, of, fn, names, undefined]");
  assert.deepEqual(await spawn(fn, [], { names }).result, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const bare = Object.fromEntries([["__proto__", 5]]);
  assert.equal(await spawn(written("() => __proto__"), [], { names: bare }).result, 5);
});

test("others are refused at once for inline functions", () => {
  for (const name of ["a-b", "1", "", "let", "class", "arguments", "eval", "a b", "a=1,b", "*/"]) {
    assert.throws(() => spawn(() => 1, [], { names: { [name]: 1 } }), {
      name: "TypeError",
      message: `Expected the keys of \`names\` to be names that a variable can have, got "${name}".`,
    });
  }
  for (const bad of [[1], 5, null, "x"]) {
    assert.throws(() => spawn(() => 1, [], { names: bad as never }), TypeError);
  }
});

test("every task finds its names in current().names, frozen, and none if there are none", async () => {
  const names = { "any key": [1], other: freeze([2]) };
  assert.deepEqual(await spawn(reportNames, [], { names }).result, {
    names: { "any key": [1], other: [2] },
    isFrozen: true,
  });
  assert.deepEqual(await spawn(reportNames).result, { names: {}, isFrozen: true });
  assert.equal((await spawn(report, [], { names }).result).name, "report");
});

test("what cannot be sent is refused with its name, and what was moved comes back", async () => {
  const draft = share({ a: 1 });
  const names = { draft: move(draft), bad: { f: () => 1 } };
  assert.throws(() => spawn(written("(x) => x"), [1], { names }), {
    code: "not-sendable",
    message: /^names\.bad\.f cannot be sent: it is a function/,
  });
  draft.a = 2;
  const task = spawn(written("(x) => draft.a + x"), [1], { names: { draft: move(draft) } });
  assert.equal(await task.result, 3);
});

test(
  "the same function may be spawned with names and without them",
  { skip: withoutParser },
  async () => {
    const rate = Number("2"); // Bun writes what is constant into the text
    const fn = (x: number): number => x * rate;
    assert.throws(() => spawn(fn, [1]), { code: "not-isolated" });
    assert.equal(await spawn(fn, [2], { names: { rate } }).result, 4);
    assert.throws(() => spawn(fn, [1]), { code: "not-isolated" });
    assert.throws(() => spawn(fn, [1], { names: { other: 1 } }), { code: "not-isolated" });
    assert.equal(await spawn(fn, [2], { names: { rate: 5 } }).result, 10);
  },
);
