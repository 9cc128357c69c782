/** Arbitrary graphs are what their plain twins are: shared, edited, frozen, read elsewhere, thawed, edited again. */
import { test } from "node:test";
import fc from "fast-check";
import { play, Reader, scenarios } from "./graph-run.ts";

test("any graph, edited at random, frozen, read in another task and thawed, stays what its twin is", async () => {
  await using reader = new Reader();
  const batch = fc.array(scenarios({ nodes: 6, edits: 8, rounds: 2 }), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(batch, async (drawn) => play(drawn, reader)),
    { numRuns: 12 },
  );
});
