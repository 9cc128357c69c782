/** A page that is sent without the headers that isolate it: there is no shared memory, and that is said once and clearly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as quipe from "quipe";

const needsMemory: Readonly<Record<string, () => unknown>> = {
  freeze: () => quipe.freeze({ a: 1 }),
  share: () => quipe.share({ a: 1 }),
  guard: () => quipe.guard({ a: 1 }),
  quipe: () => quipe.quipe(),
  spawn: () => quipe.spawn(() => 1),
  namespace: () => quipe.namespace({}),
  pool: () => quipe.pool().run(() => 1),
  load: () => quipe.load(new Uint8Array(64)),
};

for (const [name, use] of Object.entries(needsMemory)) {
  test(`${name} names the two headers that are missing`, async () => {
    await assert.rejects(
      async () => await use(),
      (error: quipe.QuipeError) => {
        assert.equal(error.code, "unsupported");
        assert.match(error.message, /Cross-Origin-Opener-Policy: same-origin/);
        assert.match(error.message, /Cross-Origin-Embedder-Policy: require-corp/);
        return true;
      },
    );
  });
}

test("what needs no shared memory works all the same", () => {
  assert.equal(quipe.isFrozen({}), false);
  assert.equal(quipe.describe({ a: 1 }).state, "ordinary");
  assert.equal(quipe.task(import.meta.url, (x: number) => x + 1)(1), 2);
});
