/** Closing with waiters on either side, handles that are closed one by one, and the promises that tell of ends. */
import assert from "node:assert/strict";
import { type End, type QuipeError, quipe } from "../../src/index.ts";
import {
  answerOf,
  everyVariant,
  fill,
  isSettled,
  numbersTo,
  sendAll,
  settled,
  turn,
  startFirst,
  take,
} from "./variants.ts";

startFirst();

everyVariant("closing twice is closing once", async (pair) => {
  for (const end of pair.lefts) assert.equal(end.close(), true);
  for (const end of pair.lefts) assert.equal(end.close(new Error("too late")), false);
  assert.equal(await answerOf(pair.right.receive()), "ended");
});

everyVariant("receives that wait hear of the end in their order, each once", async (pair) => {
  const heard: number[] = [];
  const receives = numbersTo(5).map(async (i) => {
    const answer = await answerOf(pair.right.receive());
    heard.push(i);
    return answer;
  });
  pair.closeLeft();
  assert.deepEqual(
    await Promise.all(receives),
    numbersTo(5).map(() => "ended"),
  );
  assert.deepEqual(heard, numbersTo(5));
});

everyVariant(
  "sends that wait are broken when the other side leaves, and nothing of them was sent",
  async (pair, { capacity }) => {
    fill(pair);
    const sends = ["a", new Uint8Array(100_000), 3].map((item) => answerOf(pair.left.send(item)));
    pair.closeRight();
    assert.deepEqual(await Promise.all(sends), ["broken", "broken", "broken"]);
    assert.equal(pair.left.statistics().out.sent, capacity);
  },
);

everyVariant("sends that wait are closed with their own handles", async (pair, { capacity }) => {
  fill(pair);
  const sends = sendAll(pair, ["a", "b", "c"]).map(answerOf);
  pair.closeLeft();
  assert.deepEqual(await Promise.all(sends), ["closed", "closed", "closed"]);
  assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
  assert.equal(await answerOf(pair.right.receive()), "ended");
});

everyVariant(
  "receives that wait are closed with their own handles, and sends wait on for the others",
  async (pair) => {
    const receives = numbersTo(3).map(() => answerOf(pair.right.receive()));
    pair.closeRight();
    assert.deepEqual(await Promise.all(receives), ["closed", "closed", "closed"]);
    assert.equal(await answerOf(pair.left.send(1)), "broken");
  },
);

everyVariant("an abort ends what waits on both sides", async (pair) => {
  fill(pair);
  const waits = [
    pair.left.send("a"),
    pair.left.send("b"),
    pair.left.receive(),
    pair.left.receive(),
  ].map(answerOf);
  pair.right.abort("enough");
  assert.deepEqual(
    await Promise.all(waits),
    numbersTo(4).map(() => "aborted"),
  );
});

everyVariant(
  "closing in the middle of many sends and receives loses nothing that was acknowledged",
  async (pair) => {
    const acknowledged: number[] = [];
    const sends = numbersTo(40).map(async (i) => {
      await pair.left.send(i);
      acknowledged.push(i);
    });
    const received = await take(pair, 13);
    pair.closeLeft();
    const ends = await Promise.allSettled(sends);
    for await (const item of pair.right) received.push(item);
    assert.deepEqual(received, acknowledged);
    assert.equal(
      ends.filter(({ status }) => status === "rejected").length,
      40 - acknowledged.length,
    );
  },
);

everyVariant(
  "one handle of several is closed: what waits on it is closed, what waits on the others goes on",
  async (pair) => {
    const [mine, other] = [pair.right, pair.right.clone()];
    const receives = [mine.receive(), other.receive(), mine.receive(), other.receive()].map(
      answerOf,
    );
    mine.close();
    const sends = sendAll(pair, [1, 2]);
    assert.deepEqual(await Promise.all(receives), ["closed", 1, "closed", 2]);
    await Promise.all(sends);
  },
);

everyVariant(
  "one handle of several is closed: its sends are closed, those of the others are sent",
  async (pair) => {
    const filled = fill(pair);
    const [mine, other] = [pair.left, pair.left.clone()];
    const sends = [mine.send("mine"), other.send("a"), mine.send("mine"), other.send("b")].map(
      answerOf,
    );
    mine.close();
    assert.equal(await sends[0], "closed");
    assert.deepEqual((await take(pair, filled + 2)).slice(filled), ["a", "b"]);
    assert.deepEqual(await Promise.all(sends), ["closed", undefined, "closed", undefined]);
  },
);

everyVariant(
  "one handle of several is moved away: what waits on it is moved, what waits on the others goes on",
  async (pair) => {
    const [carrier, arrival] = quipe<End, never>();
    const [mine, other] = [pair.right, pair.right.clone()];
    const receives = [mine.receive(), other.receive()].map(answerOf);
    carrier.trySend(mine);
    const sending = pair.left.send(1);
    assert.deepEqual(await Promise.all(receives), ["moved", 1]);
    await sending;
    arrival.close();
  },
);

everyVariant(
  "the end comes with the last handle, with the worst of what they were closed with",
  async (pair) => {
    const clones = [pair.left.clone(), pair.left.clone()];
    clones[0]?.close();
    pair.closeLeft(new RangeError("one of them"));
    const receiving = pair.right.receive();
    assert.equal(await isSettled(receiving), false);
    assert.equal(pair.right.peerState, "alive");
    clones[1]?.close();
    await assert.rejects(
      receiving,
      ({ code, cause }: QuipeError) => code === "peer-failed" && cause instanceof RangeError,
    );
    assert.equal(pair.right.peerState, "failed");
  },
);

everyVariant("a clone sends and receives like its original, and outlives it", async (pair) => {
  const [left, right] = [pair.left.clone(), pair.right.clone()];
  pair.closeLeft();
  pair.closeRight();
  const sends = numbersTo(6).map((i) => left.send(i));
  for (const i of numbersTo(6)) assert.equal(await right.receive(), i);
  await Promise.all(sends);
  left.close();
  assert.equal(await answerOf(right.receive()), "ended");
});

everyVariant("a clone made while others wait takes nothing from them", async (pair) => {
  const first = pair.right.receive();
  const clone = pair.right.clone();
  const second = clone.receive();
  const sends = sendAll(pair, [1, 2]);
  assert.deepEqual([await first, await second], [1, 2]);
  await Promise.all(sends);
});

everyVariant(
  "a clone of a finished end is finished, and a closed one has no clones",
  async (pair) => {
    const clone = pair.left.clone();
    clone.finish();
    const again = clone.clone();
    assert.equal(await answerOf(again.send(1)), "closed");
    clone.close();
    assert.throws(() => clone.clone(), { code: "closed" });
    pair.closeLeft();
    assert.equal(await answerOf(pair.right.receive()), "ended");
    const sending = pair.right.send("still");
    assert.equal(await again.receive(), "still");
    await sending;
  },
);

everyVariant("as many clones as there may be, and not one more; closing one makes room", (pair) => {
  const clones: End[] = [];
  assert.throws(
    () => {
      for (;;) clones.push(pair.left.clone());
    },
    { code: "too-many-handles" },
  );
  assert.equal(clones.length + pair.lefts.length, 1024);
  clones.pop()?.close();
  clones.push(pair.left.clone());
  for (const clone of clones) clone.close();
  assert.equal(pair.right.peerState, "alive");
});

everyVariant(
  "`closed` resolves when the handle is closed, moved, or its quipe aborted, and not before",
  async (pair) => {
    const [carrier, arrival] = quipe<End, never>();
    const ends = [pair.left.clone(), pair.left.clone(), pair.left.clone()];
    const { closed } = ends[2] as End;
    for (const end of ends) assert.equal(await isSettled(end.closed), false);
    ends[0]?.close();
    carrier.trySend(ends[1] as End);
    assert.deepEqual(
      [await isSettled((ends[0] as End).closed), await isSettled((ends[1] as End).closed)],
      [true, true],
    );
    assert.equal(await isSettled(closed), false);
    pair.right.abort();
    await settled(closed);
    await settled(pair.right.closed);
    arrival.close();
  },
);

everyVariant(
  "`closed`, asked for after the abort, resolves though nothing more happens",
  async (pair) => {
    const [other] = quipe();
    assert.equal(await isSettled(other.closed), false); // something that this thread goes on listening for
    pair.left.abort();
    for (let i = 0; i < 10; i++) await turn();
    assert.equal(await isSettled(pair.right.closed), true);
    other.abort();
  },
);

everyVariant("`closed` resolves on an abort also after the other side has gone", async (pair) => {
  const mine = pair.left.clone();
  const { closed } = mine;
  pair.closeRight();
  assert.equal(await settled(mine.peerGone), "closed");
  pair.left.abort("late");
  await settled(closed);
});

for (const [how, act] of [
  ["closed", (end: End) => end.close()],
  ["failed", (end: End) => end.close(new Error("x"))],
  ["aborted", (end: End) => end.abort()],
] as const) {
  everyVariant(`peerGone and peerState say \`${how}\`, and keep saying it`, async (pair) => {
    const early = pair.left.peerGone;
    assert.equal(pair.left.peerState, "alive");
    assert.equal(await isSettled(early), false);
    pair.rights.forEach(act);
    assert.deepEqual(
      [pair.left.peerState, await settled(early), await settled(pair.left.peerGone)],
      [how, how, how],
    );
    assert.deepEqual([pair.left.peerState, await settled(pair.left.peerGone)], [how, how]);
  });
}

// docs/runtimes.md: dispose-symbols
everyVariant("`using` closes a handle on the way out, also by an exception", async (pair) => {
  assert.throws(() => {
    using end = pair.left.clone();
    void end.peerState;
    throw new RangeError("out");
  }, RangeError);
  pair.closeLeft();
  assert.equal(await answerOf(pair.right.receive()), "ended");
});
