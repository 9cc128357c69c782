/**
 * Ends that nobody refers to any more, and the garbage collector: closed if they are idle, kept while they wait.
 * Runs in a process of its own, since it asks for garbage collection.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type End, type QuipeError, quipe, spawn } from "../../src/index.ts";
import { takeCensus } from "../../src/task/census.ts";
import { collectUntil, withoutCollector as skip } from "../collector.ts";
import { type Pair, answerOf, settled, startFirst, variants } from "./variants.ts";

startFirst();

/** What is collected at all is so after a few rounds, and told of after some more. */
const ENOUGH_ROUNDS = 6;

/** One side of a fresh pair; nobody has the other one. */
function half(pair: Pair): End[] {
  return [...pair.lefts];
}

/** What is begun with an end that is forgotten at once. */
function forgotten(
  { lefts, rights }: Pair,
  begin: (right: End) => Promise<unknown>,
): { lefts: readonly End[]; begun: Promise<unknown> } {
  const [right, ...others] = rights;
  for (const end of others) end.close();
  return { lefts, begun: begin(right as End) };
}

for (const variant of variants) {
  test(
    `${variant.name}: an end that is dropped and collected counts as failed`,
    { skip },
    async () => {
      const [left] = half(variant.make()) as [End];
      assert.ok(await collectUntil(() => left.peerState !== "alive", ENOUGH_ROUNDS * 20));
      assert.equal(await settled(left.peerGone), "failed");
      assert.equal(await answerOf(left.send(1)), "broken");
      await assert.rejects(left.receive(), ({ code, cause }: QuipeError) => {
        assert.match(String(cause), /dropped without having been closed/);
        return code === "peer-failed";
      });
    },
  );

  test(`${variant.name}: an end is not collected while it receives`, { skip }, async () => {
    const { lefts, begun } = forgotten(variant.make(), (right) => right.receive());
    assert.equal(await collectUntil(() => lefts[0]?.peerState !== "alive", ENOUGH_ROUNDS), false);
    await lefts[0]?.send("still wanted");
    assert.equal(await begun, "still wanted");
  });

  test(`${variant.name}: an end is not collected while it sends`, { skip }, async () => {
    const { lefts, begun } = forgotten(variant.make(), async (right) => {
      const items = Array.from({ length: variant.capacity + 1 }, (_, i) => i);
      await Promise.all(items.map((item) => right.send(item)));
    });
    assert.equal(await collectUntil(() => lefts[0]?.peerState !== "alive", ENOUGH_ROUNDS), false);
    for (let i = 0; i <= variant.capacity; i++) assert.equal(await lefts[0]?.receive(), i);
    await begun;
  });
}

test(
  "`closed` of an end that is collected resolves, so that nobody waits for ever",
  { skip },
  async () => {
    const [left, right] = quipe();
    let isClosed = false;
    const watched = (end: End): void => void end.closed.then(() => (isClosed = true));
    watched(left.clone());
    assert.ok(await collectUntil(() => isClosed, ENOUGH_ROUNDS * 20));
    left.close();
    right.close();
  },
);

test(
  "quipes that are dropped, however they ended, leave nothing with the reaper",
  { skip },
  async () => {
    await spawn(() => 0).result; // or there would be no reaper to ask
    const { buffers } = await takeCensus();
    const endings: readonly ((left: End, right: End) => unknown)[] = [
      () => {},
      (left) => left.close(new RangeError("why")),
      (left) => left.abort("enough"),
      (left) => left.trySend(new Uint8Array(100_000)),
    ];
    for (const ending of endings) ending(...quipe());
    let left = buffers + 1;
    for (let round = 0; round < ENOUGH_ROUNDS * 20 && left > buffers; round++) {
      await collectUntil(() => false, 1);
      left = (await takeCensus()).buffers;
    }
    assert.ok(left <= buffers, `${left} buffers, ${buffers} before`);
  },
);
