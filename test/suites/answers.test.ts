/** The table of states: what every way to send and to receive answers in each of them, in every variant of lanes. */
import assert from "node:assert/strict";
import { type End, type QuipeError, quipe } from "../../src/index.ts";
import { receivesAnswer, sendsAnswer } from "./answers.ts";
import {
  answerOf,
  everyVariant,
  isSettled,
  numbersTo,
  sendAll,
  startFirst,
  take,
} from "./variants.ts";

startFirst();

everyVariant(
  "ended normally: what is buffered, then `ended` from everything, for ever",
  async (pair, { capacity }) => {
    const sends = sendAll(pair, numbersTo(capacity));
    pair.closeLeft();
    await Promise.all(sends);
    assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
    await receivesAnswer(pair.right, "ended");
    await sendsAnswer(pair.right, "broken");
  },
);

everyVariant(
  "ended with an error: what is buffered, then `peer-failed` with that error, for ever",
  async (pair, { capacity }) => {
    const sends = sendAll(pair, numbersTo(capacity));
    pair.closeLeft(Object.assign(new RangeError("why"), { code: "E_WHY" }));
    await Promise.all(sends);
    assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
    await receivesAnswer(pair.right, "peer-failed");
    await assert.rejects(pair.right.receive(), ({ cause }: QuipeError) => {
      assert.ok(cause instanceof RangeError);
      assert.equal((cause as { code?: unknown }).code, "E_WHY");
      return true;
    });
  },
);

everyVariant(
  "broken: every send is refused and the item stays mine; what came before can be received",
  async (pair, { capacity }) => {
    const farewells = numbersTo(capacity).map((i) => pair.right.send(i));
    await Promise.all(farewells);
    pair.closeRight();
    await sendsAnswer(pair.left, "broken");
    for (const i of numbersTo(capacity)) assert.equal(await pair.left.receive(), i);
    await receivesAnswer(pair.left, "ended");
  },
);

everyVariant("broken: an end that could not be sent is open as before", async (pair) => {
  const [mine, other] = quipe();
  pair.closeRight();
  assert.equal(await answerOf(pair.left.send({ mine })), "broken");
  assert.equal(mine.trySend(1), true);
  assert.deepEqual(other.tryReceive(), { value: 1 });
});

everyVariant(
  "my own handle closed: `closed` from everything, whatever the other side has done",
  async (pair) => {
    const [one, other] = [pair.lefts, pair.rights] as const;
    for (const end of one) end.close();
    for (const end of one) {
      await receivesAnswer(end, "closed");
      await sendsAnswer(end, "closed");
    }
    for (const end of other) end.close(new Error("theirs"));
    await receivesAnswer(pair.left, "closed");
    await sendsAnswer(pair.left, "closed");
  },
);

everyVariant("moved: `moved` from everything, and the new handle works", async (pair) => {
  const [carrier, arrival] = quipe<End, never>();
  const moved = pair.left;
  carrier.trySend(moved);
  await receivesAnswer(moved, "moved");
  await sendsAnswer(moved, "moved");
  const again = await arrival.receive();
  const sending = again.send("still there");
  assert.equal(await pair.right.receive(), "still there");
  await sending;
});

everyVariant("moved: asking for more handles is refused, closing says false", (pair) => {
  const [carrier, arrival] = quipe<End, never>();
  const moved = pair.left;
  carrier.trySend(moved);
  assert.throws(() => moved.clone(), { code: "moved" });
  assert.equal(moved.close(), false);
  assert.equal(moved.finish(), false);
  assert.equal(moved.abort(), false);
  assert.throws(() => carrier.trySend(moved), { code: "moved" });
  arrival.close();
});

everyVariant(
  "aborted: `aborted` from everything on both sides, for ever, and the buffer is gone",
  async (pair, { capacity }) => {
    await Promise.all(sendAll(pair, numbersTo(capacity)));
    assert.equal(pair.right.abort(new RangeError("enough")), true);
    for (const end of [...pair.lefts, ...pair.rights]) {
      await receivesAnswer(end, "aborted");
      await sendsAnswer(end, "aborted");
      await assert.rejects(end.receive(), ({ cause }: QuipeError) => cause instanceof RangeError);
    }
  },
);

everyVariant("aborted: once is enough, and my own closed handle comes first", async (pair) => {
  assert.equal(pair.left.abort("first"), true);
  assert.equal(pair.left.abort("second"), false);
  assert.equal(pair.right.abort("third"), false);
  await assert.rejects(pair.right.receive(), ({ cause }: QuipeError) => cause === "first");
  pair.closeLeft();
  await receivesAnswer(pair.lefts[0] as End, "closed");
  assert.equal((pair.lefts[0] as End).abort(), false);
});

everyVariant(
  "finished: no more sends from this side, and everything else goes on",
  async (pair) => {
    for (const end of pair.lefts) {
      assert.equal(end.finish(), true);
      assert.equal(end.finish(), false);
    }
    for (const end of pair.lefts) await sendsAnswer(end, "closed");
    await receivesAnswer(pair.right, "ended");
    const answering = pair.right.send("answer");
    assert.equal(await pair.left.receive(), "answer");
    await answering;
    assert.equal(pair.right.peerState, "alive");
  },
);

everyVariant(
  "finished with an error: the other side hears of the error, and can still answer",
  async (pair) => {
    pair.lefts.forEach((end, i) => void end.finish(i === 0 ? new RangeError("half") : undefined));
    await receivesAnswer(pair.right, "peer-failed");
    const answering = pair.right.send("answer");
    assert.equal(await pair.left.receive(), "answer");
    await answering;
    pair.closeLeft();
    assert.equal(pair.right.peerState, "failed");
  },
);

everyVariant("finished on both sides: both have ended, and nobody is closed", async (pair) => {
  for (const end of [...pair.lefts, ...pair.rights]) end.finish();
  await receivesAnswer(pair.left, "ended");
  await receivesAnswer(pair.right, "ended");
  await sendsAnswer(pair.left, "closed");
  assert.equal(await isSettled(pair.left.closed), false);
});

everyVariant("loops take everything there is and leave nothing behind", async (pair) => {
  const sends = sendAll(pair, numbersTo(20));
  const items: unknown[] = [];
  const receiving = (async () => {
    for await (const item of pair.right) items.push(item);
  })();
  await Promise.all(sends);
  pair.closeLeft();
  await receiving;
  assert.deepEqual(items, numbersTo(20));
});

everyVariant(
  "a loop left early closes nothing; another one goes on where it stopped",
  async (pair) => {
    const sends = sendAll(pair, numbersTo(6));
    for await (const item of pair.right) if (item === 2) break;
    for await (const item of pair.right) {
      assert.equal(item, 3);
      break;
    }
    assert.deepEqual(await take(pair, 2), [4, 5]);
    await Promise.all(sends);
  },
);
