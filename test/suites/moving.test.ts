/** Ends on their way: through lanes, arguments, results and calls; to other tasks, back, and through themselves. */
import assert from "node:assert/strict";
import { type End, QuipeError, pool, quipe, spawn } from "../../src/index.ts";
import {
  cloneAndReturn,
  echoAll,
  giveBack,
  makeQuipe,
  returnEach,
  sendNumbers,
} from "./programs/ends.ts";
import {
  answerOf,
  everyVariant,
  fill,
  isSettled,
  numbersTo,
  sendAll,
  startFirst,
  take,
} from "./variants.ts";

startFirst();

everyVariant(
  "an end moves with what is buffered, in both directions",
  async (pair, { capacity }) => {
    const [carrier, arrival] = quipe<End, never>();
    await Promise.all([
      ...numbersTo(capacity).map((i) => pair.left.send(i)),
      ...numbersTo(capacity).map((i) => pair.right.send(-i - 1)),
    ]);
    for (const end of pair.lefts) carrier.trySend(end);
    const moved = await arrival.receive();
    for (const i of numbersTo(capacity)) assert.equal(await moved.receive(), -i - 1);
    assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
    const sending = moved.send("after");
    assert.deepEqual(await take(pair, 1), ["after"]);
    await sending;
  },
);

everyVariant(
  "an end moves while others wait on it: those are `moved`, the other side's go on",
  async (pair, { capacity }) => {
    const [carrier, arrival] = quipe<End, never>();
    const mine = pair.lefts[0] as End;
    const asks = [mine.receive(), mine.receive()].map(answerOf);
    fill(pair);
    const answers = [mine.send("x"), mine.send("y")].map(answerOf);
    const theirs = pair.right.send("to whoever has the end");
    carrier.trySend(mine);
    const said = await Promise.all([...answers, asks[1]]);
    assert.deepEqual(said, ["moved", "moved", "moved"]);
    const first = await asks[0];
    const moved = await arrival.receive();
    if (first === "moved") assert.equal(await moved.receive(), "to whoever has the end");
    else assert.equal(first, "to whoever has the end");
    await theirs;
    assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
  },
);

everyVariant(
  "an end moves to and fro, and nothing of what was sent on the way is lost or out of order",
  async (pair) => {
    const [carrier, arrival] = quipe<End, never>();
    let mine = pair.lefts[0] as End;
    const received = take(pair, 30);
    for (const i of numbersTo(30)) {
      await mine.send(i);
      carrier.trySend(mine);
      mine = await arrival.receive();
    }
    assert.deepEqual(await received, numbersTo(30));
  },
);

everyVariant("an end may be sent through itself", async (pair) => {
  const mine = pair.lefts[0] as End;
  const sending = mine.send(mine);
  const moved = (await pair.right.receive()) as End;
  await sending;
  assert.equal(await answerOf(mine.send(1)), "moved");
  const again = moved.send("to the other one");
  assert.deepEqual(await take(pair, 1), ["to the other one"]);
  await again;
});

everyVariant(
  "an end may be sent through itself while the lane is full, and is mine again if that is given up",
  async (pair, { capacity }) => {
    fill(pair);
    const mine = pair.lefts[0] as End;
    assert.equal(await answerOf(mine.send(mine, { timeoutMs: 1 })), "timed-out");
    const sending = mine.send({ mine });
    assert.equal(await isSettled(sending), false);
    const items = await take(pair, capacity + 1);
    await sending;
    const { mine: moved } = items.at(-1) as { mine: End };
    const again = moved.send("still works");
    assert.deepEqual(await take(pair, 1), ["still works"]);
    await again;
  },
);

everyVariant("an end may be sent to whoever has its other end", async (pair) => {
  const [carrier, arrival] = quipe<End, End>();
  carrier.trySend(pair.lefts[0] as End);
  const moved = await arrival.receive();
  const sending = pair.right.send(moved.clone());
  const twin = (await moved.receive()) as End;
  await sending;
  const again = twin.send("hello");
  assert.equal(await pair.right.receive(), "hello");
  await again;
});

everyVariant("both ends may lie in each other's lanes", async (_, variant) => {
  if (variant.capacity === 0) return;
  const [a, b] = quipe({ capacity: variant.capacity });
  const [left, right] = [a.clone(), b.clone()];
  a.trySend(left);
  b.trySend(right);
  const [rightAgain, leftAgain] = [(await a.receive()) as End, (await b.receive()) as End];
  a.close();
  b.close();
  await leftAgain.send(1);
  assert.equal(await rightAgain.receive(), 1);
});

everyVariant("one end twice in one item is one end", async (pair) => {
  const [mine, other] = quipe();
  const sending = pair.left.send({ a: mine, list: [mine] });
  const { a, list } = (await pair.right.receive()) as { a: End; list: End[] };
  await sending;
  assert.equal(a, list[0]);
  a.trySend("once");
  assert.deepEqual(other.tryReceive(), { value: "once" });
});

everyVariant("an item that cannot be sent leaves the ends in it where they are", async (pair) => {
  const [mine, other] = quipe();
  const receiving = mine.receive();
  const bad: unknown = { mine, fn: () => 1 };
  assert.equal(await answerOf(pair.left.send(bad)), "not-sendable");
  other.trySend("as if nothing had happened");
  assert.equal(await receiving, "as if nothing had happened");
  assert.equal(
    await answerOf(
      pair.left
        .send([mine], { signal: AbortSignal.abort(new RangeError("no")) })
        .catch(() => "given up"),
    ),
    "given up",
  );
  assert.equal(mine.trySend(1), true);
});

everyVariant("a send of an end that is given up leaves it where it is", async (pair) => {
  fill(pair);
  const [mine, other] = quipe();
  assert.equal(await answerOf(pair.left.send(mine, { timeoutMs: 1 })), "timed-out");
  assert.equal(pair.left.trySend(mine), false);
  assert.equal(mine.trySend("mine"), true);
  assert.deepEqual(other.tryReceive(), { value: "mine" });
  other.trySend("back");
  assert.equal(await mine.receive(), "back");
});

everyVariant(
  "an end sent on before its first journey has settled is not lost if that is given up",
  async (pair) => {
    const [mine, other] = quipe();
    const [away, receiver] = quipe({ capacity: 0 });
    let held = mine;
    for (const i of numbersTo(20)) {
      const sending = pair.left.send(held);
      held = (await pair.right.receive()) as typeof mine;
      const given = answerOf(away.send(held, { timeoutMs: 1 }));
      await sending;
      assert.equal(await given, "timed-out");
      assert.equal(held.trySend(i), true);
      assert.deepEqual(other.tryReceive(), { value: i });
      assert.equal(other.statistics().in.senders, 1);
    }
    receiver.close(); // an end that nobody has is closed by the collector
  },
);

everyVariant(
  "an end in an argument works there, and its buffered items went along",
  async (pair, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.right.send(i)));
    const echo = spawn(echoAll, [pair.lefts[0] as End]);
    pair.lefts.slice(1).forEach((end) => end.close());
    const more = pair.right.send("more");
    for (const i of numbersTo(capacity)) assert.equal(await pair.right.receive(), i);
    assert.equal(await pair.right.receive(), "more");
    await more;
    pair.closeRight();
    await echo.result;
  },
);

everyVariant(
  "an end in a result comes back, after its task is dead",
  async (pair, { capacity }) => {
    const task = spawn(giveBack, [pair.lefts[0] as End]);
    const back = await task.result;
    const sends = numbersTo(capacity + 1).map((i) => back.send(i));
    assert.deepEqual(await take(pair, capacity + 1), numbersTo(capacity + 1));
    await Promise.all(sends);
    assert.equal(pair.right.peerState, "alive");
  },
);

everyVariant("an end in a call of a pool and in its answer", async (pair) => {
  const workers = pool({ size: 1 });
  try {
    const back = await workers.run<[End], End>(giveBack, [pair.lefts[0] as End]);
    const sending = back.send("through a pool");
    assert.equal(await pair.right.receive(), "through a pool");
    await sending;
    assert.equal(await workers.run(sendNumbers, [back, 7, 0]), 0);
    assert.equal(
      await answerOf(
        pair.lefts.length === 1
          ? pair.right.receive()
          : Promise.reject(new QuipeError("ended", "")),
      ),
      "ended",
    );
  } finally {
    await workers.close();
  }
});

everyVariant(
  "a clone that comes back to a task which had the end alone joins its queue",
  async (pair) => {
    const sends = sendAll(pair, numbersTo(3));
    assert.deepEqual(await take(pair, 3), numbersTo(3));
    await Promise.all(sends);
    const task = spawn(cloneAndReturn, [pair.lefts[0] as End, "from there"]);
    const clone = (await task.quipe.receive()) as End;
    const here = [clone.send("a"), clone.send("b"), clone.send("c")];
    const received = await take(pair, 4);
    await Promise.all([...here, task.result]);
    assert.deepEqual(
      received.filter((item) => item !== "from there"),
      ["a", "b", "c"],
    );
    assert.equal(received.length, 4);
    assert.equal(pair.right.tryReceive(), undefined);
  },
);

everyVariant("an end made in a task, returned by it, tells of the task's own end", async () => {
  const end = await spawn(makeQuipe).result;
  assert.equal(await end.receive(), "from a task that is dead");
  assert.equal(await answerOf(end.receive()), "ended");
});

everyVariant("an end moves to a task and back a hundred times", async (pair) => {
  const task = spawn(returnEach);
  let mine = pair.lefts[0] as End;
  for (const i of numbersTo(100)) {
    const sent = task.quipe.send(mine);
    assert.equal(await pair.right.receive(), i);
    await sent;
    mine = (await task.quipe.receive()) as End;
  }
  task.quipe.close();
  assert.equal(await task.result, 100);
  const sending = mine.send("home");
  assert.equal(await pair.right.receive(), "home");
  await sending;
});
