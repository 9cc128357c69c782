/** A page with `script-src 'self'`: functions of modules run as ever; an inline function says what forbids it, and what to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type QuipeError, freeze, map, spawn } from "quipe";
import { add, doubleBlocking } from "./tasks.ts";

const MODULE = new URL("./tasks.js", import.meta.url);

test("the page really may not evaluate text", () => {
  // oxlint-disable-next-line no-eval
  assert.throws(() => globalThis.eval("1"), { name: "EvalError" });
});

test("a function that its module has marked runs", async () => {
  assert.equal(await spawn(add, [2, 3]).result, 5);
});

test("an exported function runs", async () => {
  assert.equal(await spawn<number>({ module: MODULE, export: "triple" }, [4]).result, 12);
});

test("tasks talk, share and map", async () => {
  const doubling = spawn(doubleBlocking);
  await doubling.quipe.send(21);
  assert.equal(await doubling.quipe.receive(), 42);
  doubling.quipe.close();
  await doubling.result;
  const numbers = freeze([1, 2, 3]);
  const sums: number[] = [];
  for await (const sum of map({ module: MODULE, export: "triple" }, numbers)) {
    sums.push(sum as number);
  }
  assert.deepEqual(sums, [3, 6, 9]);
});

test("an inline function names the policy, and a function of a module as the way out", async () => {
  await assert.rejects(spawn((a: number) => a + 1, [1]).result, (error: QuipeError) => {
    assert.equal(error.code, "unsupported");
    assert.match(error.message, /Content-Security-Policy/);
    assert.match(error.message, /'unsafe-eval'/);
    assert.match(error.message, /task\(import\.meta\.url, fn\)/);
    return true;
  });
});
