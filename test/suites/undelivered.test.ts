/** Items that were accepted and are never received: each is reported exactly once, and what it moved comes back. */
import assert from "node:assert/strict";
import { type End, type Undelivered, move, quipe, share, spawn } from "../../src/index.ts";
import { holdForEver, neverReceive, sendNumbersSync } from "./programs/ends.ts";
import {
  type Pair,
  type Variant,
  answerOf,
  buffering,
  numbersTo,
  startFirst,
  take,
  turn,
  variants,
} from "./variants.ts";
import { until } from "../until.ts";
import { test } from "node:test";

startFirst();

interface Losses {
  readonly items: unknown[];
  readonly reasons: Set<string>;
  readonly undelivered: Undelivered;
}

function losses(): Losses {
  const items: unknown[] = [];
  const reasons = new Set<string>();
  return {
    items,
    reasons,
    undelivered(item, { code }) {
      items.push(item);
      reasons.add(code);
    },
  };
}

/** Runs a test with a quipe whose losses are heard. */
function everyVariantHeard(
  claim: string,
  body: (pair: Pair, lost: Losses, variant: Variant) => Promise<void>,
  among: readonly Variant[] = variants,
): void {
  for (const variant of among) {
    test(`${variant.name}: ${claim}`, async () => {
      const lost = losses();
      const pair = variant.make({ undelivered: lost.undelivered });
      await body(pair, lost, variant);
      pair.check();
    });
  }
}

/** Everything that was to be heard has been heard, and once. */
async function expectLost(lost: Losses, items: readonly unknown[], reason: string): Promise<void> {
  await until(() => lost.items.length >= items.length);
  for (const _ of numbersTo(5)) await turn();
  assert.deepEqual(lost.items, items);
  assert.deepEqual([...lost.reasons], items.length === 0 ? [] : [reason]);
}

everyVariantHeard("what is received is not reported", async (pair, lost) => {
  const sends = numbersTo(30).map((i) => pair.left.send(i));
  await take(pair, 30);
  await Promise.all(sends);
  pair.closeLeft();
  pair.closeRight();
  await expectLost(lost, [], "");
});

everyVariantHeard(
  "the receiver closes with items buffered: each once, in order",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const waiting = answerOf(pair.left.send("still mine"));
    pair.closeRight();
    assert.equal(await waiting, "broken");
    await expectLost(lost, numbersTo(capacity), "broken");
  },
);

everyVariantHeard(
  "the sender closes first, and the receiver without having received",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    pair.closeLeft();
    pair.closeRight();
    await expectLost(lost, numbersTo(capacity), "broken");
  },
);

everyVariantHeard(
  "an abort reports what was buffered, not what was still waiting to be sent",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const waiting = [answerOf(pair.left.send("mine")), answerOf(pair.left.send("mine too"))];
    pair.right.abort("enough");
    assert.deepEqual(await Promise.all(waiting), ["aborted", "aborted"]);
    await expectLost(lost, numbersTo(capacity), "aborted");
  },
);

everyVariantHeard(
  "an abort reports the items of both directions",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).flatMap((i) => [pair.left.send(i), pair.right.send(i)]));
    pair.left.abort();
    await expectLost(lost, [...numbersTo(capacity), ...numbersTo(capacity)], "aborted");
  },
);

everyVariantHeard(
  "an abort while a receive waits and an item has just been sent: received or reported, not both",
  async (pair, lost) => {
    const receiving = answerOf(pair.right.receive());
    const accepted = pair.left.trySend("either");
    pair.left.abort();
    const answer = await receiving;
    await expectLost(lost, accepted && answer === "aborted" ? ["either"] : [], "aborted");
  },
);

everyVariantHeard(
  "a cancelled receive takes nothing: the next one gets the item",
  async (pair, lost) => {
    const stop = new AbortController();
    const given = assert.rejects(pair.right.receive({ signal: stop.signal }), {
      name: "AbortError",
    });
    const receiving = pair.right.receive();
    const sending = pair.left.send("for the next one");
    stop.abort();
    await given;
    assert.equal(await receiving, "for the next one");
    await sending;
    await expectLost(lost, [], "");
  },
);

everyVariantHeard(
  "a receive that is cancelled in the same moment as an item comes: received or still there",
  async (pair, lost) => {
    for (const i of numbersTo(30)) {
      const stop = new AbortController();
      const receiving = pair.right.receive({ signal: stop.signal }).catch(() => "given up");
      const sending = pair.left.send(i);
      if (i % 3 === 0) await Promise.resolve();
      stop.abort();
      const answer = await receiving;
      assert.equal(answer === "given up" ? await pair.right.receive() : answer, i);
      await sending;
    }
    await expectLost(lost, [], "");
  },
);

everyVariantHeard("a cancelled send was never accepted", async (pair, lost, { capacity }) => {
  await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
  assert.equal(await answerOf(pair.left.send("mine", { timeoutMs: 1 })), "timed-out");
  pair.closeRight();
  await expectLost(lost, numbersTo(capacity), "broken");
});

everyVariantHeard(
  "moved data that nobody received is mine again, and so are ends",
  async (pair, lost) => {
    const draft = share({ n: 1 });
    const [mine, other] = quipe();
    await pair.left.send(move(draft));
    await pair.left.send(mine);
    pair.closeRight();
    await until(() => lost.items.length === 2);
    const [draftAgain, mineAgain] = lost.items as [typeof draft, End];
    draftAgain.n = 2;
    assert.equal(draftAgain.n, 2);
    mineAgain.trySend("back");
    assert.deepEqual(other.tryReceive(), { value: "back" });
  },
  variants.filter(({ capacity }) => capacity > 1),
);

everyVariantHeard(
  "what could not be sent is the sender's, moved data too",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const draft = share({ n: 1 });
    const waiting = answerOf(pair.left.send(move(draft)));
    pair.closeRight();
    assert.equal(await waiting, "broken");
    draft.n = 2;
    await expectLost(lost, numbersTo(capacity), "broken");
  },
);

everyVariantHeard(
  "large items are reported whole",
  async (pair, lost) => {
    const large = Uint8Array.from({ length: 200_000 }, (_, i) => i);
    await pair.left.send(large);
    pair.closeRight();
    await expectLost(lost, [large], "broken");
  },
  buffering,
);

everyVariantHeard(
  "the last items of a task that is done, when nobody receives them",
  async (pair, lost, { capacity }) => {
    const sender = spawn(sendNumbersSync, [pair.lefts[0] as End, 0, capacity]);
    await sender.result;
    pair.closeRight();
    await expectLost(lost, numbersTo(capacity), "broken");
  },
  buffering,
);

everyVariantHeard(
  "a receiver that is killed: what it had not taken",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const holder = spawn(holdForEver, [pair.rights[0] as End]);
    pair.rights.slice(1).forEach((end) => end.close());
    assert.equal(await holder.quipe.receive(), "alive");
    await holder.kill();
    await expectLost(lost, numbersTo(capacity), "broken");
  },
);

everyVariantHeard(
  "a receiver that is killed before it had the end in hand",
  async (pair, lost, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const holder = spawn(neverReceive);
    assert.equal(await holder.quipe.receive(), "running");
    await holder.quipe.send(pair.rights[0] as End);
    pair.rights.slice(1).forEach((end) => end.close());
    await holder.kill();
    await expectLost(lost, numbersTo(capacity), "broken");
    await until(() => pair.left.peerState !== "alive");
    assert.equal(pair.left.peerState, "failed");
  },
);

everyVariantHeard(
  "what is dropped as the newest is reported, in order",
  async (_, __, variant) => {
    const heard: unknown[] = [];
    const pair = variant.make({
      overflow: "drop-newest",
      undelivered: (item) => void heard.push(item),
    });
    for (const i of numbersTo(variant.capacity + 3)) assert.equal(pair.left.trySend(i), true);
    await until(() => heard.length === 3);
    assert.deepEqual(
      heard,
      [0, 1, 2].map((i) => i + variant.capacity),
    );
  },
  buffering,
);
