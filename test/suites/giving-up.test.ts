/** Waits that are given up, by time or by signal: without effect, and the next in line is served. */
import assert from "node:assert/strict";
import {
  answerNow,
  answerOf,
  everyVariant,
  fill,
  numbersTo,
  startFirst,
  take,
  turn,
} from "./variants.ts";

startFirst();

everyVariant(
  "a time limit of 0 tries once: an item that is there is received, none is `timed-out`",
  async (pair) => {
    assert.equal(await answerOf(pair.right.receive({ timeoutMs: 0 })), "timed-out");
    assert.equal(
      answerNow(() => pair.right.receiveSync({ timeoutMs: 0 })),
      "timed-out",
    );
    const sending = pair.left.send("there");
    assert.equal(await pair.right.receive({ timeoutMs: 0 }), "there");
    await sending;
  },
);

everyVariant(
  "a time limit of 0 sends if there is room, and is `timed-out` if there is none",
  async (pair, { capacity }) => {
    for (const i of numbersTo(capacity)) await pair.left.send(i, { timeoutMs: 0 });
    assert.equal(await answerOf(pair.left.send("no", { timeoutMs: 0 })), "timed-out");
    assert.equal(
      answerNow(() => pair.left.sendSync("no", { timeoutMs: 0 })),
      "timed-out",
    );
    assert.deepEqual(pair.right.drain(), numbersTo(capacity));
  },
);

everyVariant(
  "sends and receives that are given up leave nothing behind",
  async (pair, { capacity }) => {
    for (const _ of numbersTo(5)) {
      assert.equal(await answerOf(pair.right.receive({ timeoutMs: 1 })), "timed-out");
      assert.equal(
        answerNow(() => pair.right.receiveSync({ timeoutMs: 1 })),
        "timed-out",
      );
    }
    fill(pair);
    for (const item of ["small", new Uint8Array(100_000), { an: "object" }]) {
      assert.equal(await answerOf(pair.left.send(item, { timeoutMs: 1 })), "timed-out");
      assert.equal(
        answerNow(() => pair.left.sendSync(item, { timeoutMs: 1 })),
        "timed-out",
      );
      assert.equal(pair.left.trySend(item), false);
    }
    assert.deepEqual(pair.right.drain(), numbersTo(capacity));
    const { sent, taken } = pair.left.statistics().out;
    assert.deepEqual([sent, taken], [capacity, capacity]);
  },
);

everyVariant(
  "a signal ends a wait with its own reason, and one that is aborted already ends it at once",
  async (pair) => {
    const reason = new RangeError("own reason");
    const stop = new AbortController();
    fill(pair);
    const waits = [
      pair.left.send(1, { signal: stop.signal }),
      pair.left.receive({ signal: stop.signal }),
    ];
    await turn();
    stop.abort(reason);
    for (const wait of waits) await assert.rejects(wait, (error) => error === reason);
    await assert.rejects(pair.left.send(1, { signal: stop.signal }), (error) => error === reason);
    await assert.rejects(pair.right.receive({ signal: stop.signal }), (error) => error === reason);
    assert.throws(
      () => pair.right.receiveSync({ signal: stop.signal }),
      (error) => error === reason,
    );
    assert.throws(
      () => pair.left.sendSync(1, { signal: stop.signal }),
      (error) => error === reason,
    );
  },
);

for (const [where, places] of [
  ["first", [0]],
  ["in the middle", [3, 4]],
  ["last", [7]],
  ["every other one", [0, 2, 4, 6]],
] as const) {
  everyVariant(
    `receives given up ${where} of eight: the others are served in their order`,
    async (pair) => {
      const stop = new AbortController();
      const isGiven = (i: number): boolean => (places as readonly number[]).includes(i);
      const receives = numbersTo(8).map((i) =>
        pair.right.receive(isGiven(i) ? { signal: stop.signal } : {}).catch(() => "given up"),
      );
      await turn();
      stop.abort();
      const rest = numbersTo(8).filter((i) => !isGiven(i));
      for (const i of rest) await pair.left.send(i);
      assert.deepEqual(
        await Promise.all(receives),
        numbersTo(8).map((i) => (isGiven(i) ? "given up" : i)),
      );
    },
  );

  everyVariant(
    `sends given up ${where} of eight: the others are sent in their order`,
    async (pair) => {
      const filled = fill(pair);
      const stop = new AbortController();
      const isGiven = (i: number): boolean => (places as readonly number[]).includes(i);
      const sends = numbersTo(8).map((i) =>
        pair.left.send(i, isGiven(i) ? { signal: stop.signal } : {}).catch(() => "given up"),
      );
      await turn();
      stop.abort();
      const rest = numbersTo(8).filter((i) => !isGiven(i));
      await Promise.all(sends.filter((_, i) => isGiven(i)));
      assert.deepEqual((await take(pair, filled + rest.length)).slice(filled), rest);
      await Promise.all(sends);
      assert.equal(pair.right.tryReceive(), undefined);
    },
  );
}

everyVariant(
  "all waits of a side are given up at once, and the lane is as good as new",
  async (pair) => {
    const filled = fill(pair);
    const stop = new AbortController();
    const { signal } = stop;
    const sends = numbersTo(10).map((i) => pair.left.send(i, { signal }).catch(() => "given up"));
    const receives = numbersTo(10).map(() => pair.left.receive({ signal }).catch(() => "given up"));
    stop.abort();
    assert.deepEqual(new Set(await Promise.all([...sends, ...receives])), new Set(["given up"]));
    assert.deepEqual(pair.right.drain(), numbersTo(filled));
    const passing = [pair.left.send("on"), pair.right.send("back")];
    assert.deepEqual([await pair.right.receive(), await pair.left.receive()], ["on", "back"]);
    await Promise.all(passing);
  },
);

everyVariant(
  "what is sent while a receive is given up goes to the next one or stays",
  async (pair) => {
    for (const i of numbersTo(20)) {
      const stop = new AbortController();
      const first = pair.right.receive({ signal: stop.signal }).catch(() => "given up");
      const second = pair.right.receive();
      if (i % 2 === 0) await turn();
      const sends = [pair.left.send("a"), pair.left.send("b")];
      stop.abort();
      const answers = [await first, await second];
      if (answers[0] === "given up") answers.push(await pair.right.receive());
      assert.deepEqual(
        answers.filter((answer) => answer !== "given up"),
        ["a", "b"],
      );
      await Promise.all(sends);
    }
  },
);

everyVariant("options that make no sense are refused, and nothing has happened", async (pair) => {
  for (const timeoutMs of [Number.NaN, "5" as unknown as number]) {
    await assert.rejects(pair.right.receive({ timeoutMs }), /timeoutMs/);
  }
  const signal = {} as AbortSignal;
  await assert.rejects(pair.right.receive({ signal }), TypeError);
  await assert.rejects(pair.left.send(1, { signal }), TypeError);
  assert.throws(() => pair.left.sendSync(1, { signal }), TypeError);
  assert.equal(pair.right.tryReceive(), undefined);
  assert.equal(pair.left.statistics().out.sent, 0);
});
