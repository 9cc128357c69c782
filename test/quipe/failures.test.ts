/** A failure arrives, whatever was thrown: what cannot be sent of it is described, and nothing is thrown here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { move } from "../../src/memory/move.ts";
import { share } from "../../src/memory/share.ts";
import { failureIn, failureParcel } from "../../src/quipe/failures.ts";
import { ensureReaper } from "../../src/task/root.ts";
import { withSmallStack } from "../here.ts";

test("in a failure whatever cannot be read or sent leaves a text, and the rest is there", () => {
  const revocable = Proxy.revocable({}, {});
  revocable.revoke();
  const shared = { n: 1 };
  const thrown = {
    a: 1,
    revoked: revocable.proxy,
    before: shared,
    broken: {
      first: [shared],
      map: new Map([[1, () => 1]]),
      get later(): never {
        throw new Error("not yet");
      },
    },
    after: shared,
    mine: new WeakMap(),
    last: { x: [1n] },
  };
  const copy = failureIn(failureParcel(thrown)) as Record<string, unknown>;
  assert.equal(copy["a"], 1);
  assert.match(String(copy["revoked"]), /^\[reading this threw TypeError/);
  assert.deepEqual(copy["broken"], {
    first: [shared],
    map: new Map([[1, "[function without a name]"]]),
    later: "[reading this threw Error: not yet]",
  });
  assert.equal(copy["after"], copy["before"]);
  assert.equal(copy["mine"], "[an instance of WeakMap that cannot be sent]");
  assert.deepEqual(copy["last"], { x: [1n] });
});

test("what cannot be sent at all is put into words, with its fields as the cause", () => {
  class Odd {
    readonly n = 1;
  }
  const words: readonly (readonly [unknown, RegExp, unknown])[] = [
    [new Odd(), /Odd/, { n: 1 }],
    [function culprit() {}, /function culprit/, undefined],
    [Symbol("s"), /Symbol\(s\)/, undefined],
    [Promise.resolve(), /Promise/, {}],
  ];
  for (const [thrown, text, cause] of words) {
    const error = failureIn(failureParcel(thrown)) as QuipeError;
    assert.equal(error.code, "not-sendable");
    assert.match(error.message, text);
    assert.deepEqual(error.cause, cause);
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal((failureIn(failureParcel(proxy)) as QuipeError).code, "not-sendable");
});

// docs/runtimes.md: small-stacks
test("what is nested without end is cut off, and arrives", { skip: withSmallStack }, () => {
  let deep: unknown = 1;
  for (let i = 0; i < 5000; i++) deep = { deep };
  const copy = failureIn(failureParcel({ deep, beside: 1 })) as { deep: unknown; beside: number };
  assert.equal(copy.beside, 1);
  let at: unknown = copy;
  while (typeof at === "object" && at !== null && "deep" in at) at = at.deep;
  assert.match(String(at), /cut off/);
});

// docs/runtimes.md: stack-format
test("a failure of ten megabytes is carried whole", () => {
  const message = "m".repeat(10_000_000);
  const copy = failureIn(failureParcel(new Error(message))) as Error;
  assert.equal(copy.message, message);
  assert.ok((copy.stack?.length ?? 0) > ("Bun" in globalThis ? 0 : 10_000_000));
});

test("shared data goes by reference if it is frozen, and else is described and stays where it is", () => {
  ensureReaper();
  const owned = share({ n: 1 });
  const moving = share({ n: 2 });
  const frozen = freeze({ n: 3 });
  const copy = failureIn(failureParcel({ owned, moving: move(moving), frozen, after: [owned] }));
  assert.deepEqual(
    { ...(copy as object), frozen: 0 },
    {
      owned: "[shared data that its owner may still write]",
      moving: "[shared data that a failure cannot move]",
      frozen: 0,
      after: ["[shared data that its owner may still write]"],
    },
  );
  assert.equal((copy as { frozen: unknown }).frozen, frozen);
});
