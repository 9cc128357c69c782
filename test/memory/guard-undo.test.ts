/** Random updates, of which some throw at a random point, against a plain twin that only the others are done to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkGuard } from "../../src/memory/check-guard.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { Guard, guard } from "../../src/memory/guard.ts";
import { plain } from "../../src/memory/share.ts";
import { type Task, spawn } from "../../src/index.ts";
import { change, takeTurns } from "./guard-peer.ts";
import { type Data, type Edit, edit, start } from "./random-edits.ts";
import { assertSameGraph } from "./same-graph.ts";
import { withoutNewMemory } from "../here.ts";

class Spoilt extends Error {}

/** What is done in one update, and after how many edits it throws, if at all. */
interface Round {
  readonly edits: readonly Edit[];
  readonly throwsAfter: number | undefined;
  /** Kilobytes of text that it puts in, or that make it outgrow its memory. */
  readonly ballast: number;
}

const round: fc.Arbitrary<Round> = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
  throwsAfter: fc.option(fc.nat(8), { nil: undefined }),
  ballast: fc.constantFrom(0, 0, 0, 40, 300),
});

function weigh(data: Data, kilobytes: number): void {
  data.record["ballast"] = Array.from({ length: kilobytes }, (_, i) => `${i}`.repeat(300));
}

/** Does a round to shared data, and compares at each step with a plain copy, so that nothing is left unread. */
function play(data: Data, model: Data, { edits, throwsAfter, ballast }: Round): void {
  edits.forEach(({ apply }, index) => {
    if (index === throwsAfter) throw new Spoilt();
    for (const each of [data, model]) apply(each);
    if (index === 0 && ballast > 0) for (const each of [data, model]) weigh(each, ballast);
    assertSameGraph(model, data);
  });
  if (throwsAfter !== undefined) throw new Spoilt();
}

/** Returns what the data is after the round. */
function playRound(guarded: Guard<Data>, twin: Data, plan: Round): Data {
  const model = structuredClone(twin);
  try {
    guarded.updateSync((data) => play(data, model, plan));
    return model;
  } catch (error) {
    if (!(error instanceof Spoilt)) throw error;
    return twin;
  }
}

function checkAll(guarded: Guard<Data>, twin: Data): void {
  guarded.readSync((data) => assertSameGraph(twin, data));
  assert.deepStrictEqual(plain(guarded.snapshotSync()), twin);
  const block = Guard.blockOf(guarded);
  assert.ok(block !== undefined);
  checkGuard(block);
  checkRegion(block.region);
}

async function playWithPeer(peer: Task, data: Data, rounds: readonly Round[]) {
  const guarded = guard(structuredClone(data));
  let twin = structuredClone(data);
  for (const [number, plan] of rounds.entries()) {
    twin = playRound(guarded, twin, plan);
    checkAll(guarded, twin);
    await peer.quipe.send({ guarded, twin, number });
    assert.equal(await peer.quipe.receive(), undefined);
    change(twin, number);
    checkAll(guarded, twin);
  }
}

// docs/runtimes.md: blocking
test(
  "updates that throw leave nothing behind, here and in another task that changes the data in between",
  { skip: withoutNewMemory },
  async () => {
    const peer = spawn(takeTurns, []);
    await fc.assert(
      fc.asyncProperty(start, fc.array(round, { maxLength: 5 }), (data, rounds) =>
        playWithPeer(peer, data, rounds),
      ),
      { numRuns: 25 },
    );
    await peer.quipe.send("end");
    await peer.result;
  },
);
