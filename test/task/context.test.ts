/** Async context: kept around everything that waits for a task, and handed to a task under a name. */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { guard } from "../../src/memory/guard.ts";
import { map } from "../../src/pool/map.ts";
import { pool } from "../../src/pool/pool.ts";
import { carryContext } from "../../src/task/context.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  type Found,
  countArguments,
  find,
  findAtAbort,
  findHere,
  request,
  sendSlowly,
  unnamed,
  user,
} from "./programs/contexts.ts";
import { echo } from "./programs/lives.ts";

test("a task runs in the stores of the storages that are named, and so do its own tasks", async () => {
  const store = { id: 7, tags: new Map([["a", 1n]]) };
  const finding = request.run(store, () =>
    user.run("Ada", () => unnamed.run("secret", () => spawn(find))),
  );
  const expected = { request: store, user: "Ada", unnamed: undefined };
  assert.deepStrictEqual(await finding.result, [expected, expected, expected]);
});

test("without a store nothing is handed over, also on a thread that had one before", async () => {
  const none = { request: undefined, user: undefined, unnamed: undefined };
  for (let i = 0; i < 4; i++) {
    await request.run(i, () => spawn(findHere).result);
    assert.deepStrictEqual(await spawn(findHere).result, [none]);
  }
  assert.deepStrictEqual(await user.run(undefined, () => spawn(findHere)).result, [none]);
});

test("a store is a copy, or goes by reference where it is frozen; null and nought are stores", async () => {
  ensureStore(await request.run(null, () => spawn(findHere)).result, null);
  ensureStore(await request.run(0, () => spawn(findHere)).result, 0);
  const frozen = freeze({ deep: [1] });
  const [found] = await request.run(frozen, () => spawn(findHere)).result;
  assert.equal(found?.request, frozen);
});

function ensureStore(found: readonly { readonly request: unknown }[], expected: unknown): void {
  assert.deepStrictEqual(found[0]?.request, expected);
}

test("arguments and names are what they are without a context", async () => {
  const counted = request.run("r", () => spawn(countArguments, [1, { a: 2 }]));
  assert.deepStrictEqual(await counted.result, { count: 2, last: { a: 2 }, names: {} });
  const options = { names: { rate: 3 } };
  const named = request.run("r", () => spawn(countArguments, [5], options));
  assert.deepStrictEqual(await named.result, { count: 1, last: 5, names: { rate: 3 } });
});

test("a store that cannot be sent is refused at the spawn, with the name of its storage", () => {
  const refused = (error: QuipeError): boolean =>
    error.code === "not-sendable" &&
    error.message.startsWith('context["contexts request"].log cannot be sent: it is a function');
  request.run({ log: () => 1 }, () => {
    assert.throws(() => spawn(findHere), refused);
    assert.throws(() => spawn(countArguments, [1], { names: { a: 1 } }), refused);
  });
});

test("a task that does not know the name goes without, and so does an inline function", async () => {
  const here = new AsyncLocalStorage<number>();
  carryContext("known here only", here);
  assert.equal(await here.run(1, () => spawn(echo, ["as ever"])).result, "as ever");
  const inline = here.run(1, () => spawn((n: number) => n + 1, [1]));
  assert.equal(await inline.result, 2);
});

test("a storage is named once, and is one", () => {
  carryContext("contexts request", request);
  assert.throws(() => carryContext("contexts request", user), TypeError);
  assert.throws(() => carryContext("", user), TypeError);
  assert.throws(() => carryContext("none", {} as never), TypeError);
});

test("the records of a map are worked on in the context of its loop", async () => {
  const found: unknown[] = [];
  await request.run("mapped", async () => {
    for await (const [item] of map(findHere, [1, 2])) found.push(item?.request);
  });
  assert.deepEqual(found, ["mapped", "mapped"]);
});

test("each call on a pool has the context of its caller, whoever made the pool", async () => {
  const calls = request.run("maker", () => pool({ size: 1 }));
  const look = (): Promise<Found[]> => calls.run(findHere);
  const found = await Promise.all([request.run("a", look), request.run("b", look), look()]);
  assert.deepEqual(
    found.map(([first]) => first?.request),
    ["a", "b", undefined],
  );
  const refused = request.run({ log: () => 1 }, look);
  await assert.rejects(refused, /context\["contexts request"\]\.log cannot be sent/);
  await calls.close();
});

test("who listens to the signal of a task is called in the context of the task", async () => {
  const finding = request.run("listening", () => spawn(findAtAbort));
  await finding.quipe.receive();
  finding.cancel();
  const found = (await finding.result) as { readonly request: unknown };
  assert.equal(found.request, "listening");
});

const place = new AsyncLocalStorage<string>();

/** Runs the same in two contexts at once; each has to find its own after every wait. */
async function inBoth(body: (kept: () => void) => Promise<unknown>): Promise<void> {
  await Promise.all(
    ["left", "right"].map((name) =>
      place.run(name, () => body(() => assert.equal(place.getStore(), name))),
    ),
  );
}

test("the caller's context is kept around result, outcome and kill", async () => {
  await inBoth(async (kept) => {
    const echoing = spawn(echo, [1]);
    await echoing.result;
    kept();
    await echoing.outcome;
    kept();
    await spawn(() => {
      throw new Error("expected");
    }).result.catch(kept);
    kept();
    await spawn(async () => new Promise(() => {})).kill();
    kept();
  });
});

test("the caller's context is kept around every receive, send and loop over a task", async () => {
  await inBoth(async (kept) => {
    const sending = spawn(sendSlowly);
    await sending.quipe.send("go");
    kept();
    assert.equal(await sending.quipe.receive(), 0);
    kept();
    await sending.quipe.send("go");
    for await (const item of sending) {
      kept();
      if (item === 1) await sending.quipe.send("go");
    }
    kept();
  });
});

test("the caller's context is kept around guards and in what is called inside of them", async () => {
  const account = guard({ amount: 0 });
  await inBoth(async (kept) => {
    await account.update((data) => {
      kept();
      data.amount += 1;
    });
    kept();
    await account.until((data) => {
      kept();
      return data.amount >= 2;
    });
    kept();
  });
});
