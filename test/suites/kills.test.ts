/**
 * Tasks that end in any way while they have ends, wait with them, or an end is on its way to them.
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { type End, type QuipeError, type Task, quipe, spawn } from "../../src/index.ts";
import {
  endAs,
  holdForEver,
  neverReceive,
  receiveOnDemand,
  sendNumbersSync,
  sendOnDemand,
  sendOnce,
} from "./programs/ends.ts";
import {
  type Pair,
  answerOf,
  everyVariant,
  numbersTo,
  settled,
  startFirst,
  take,
} from "./variants.ts";
import { until } from "../until.ts";
import { receivesAnswer, sendsAnswer } from "./answers.ts";

startFirst();

/** Hands one end to a task, and closes the others of that side. */
function handOver<T extends Task>([end, ...others]: readonly End[], use: (end: End) => T): T {
  for (const other of others) other.close();
  return use(end as End);
}

for (const [how, answer, state] of [
  ["return", "ended", "closed"],
  ["close", "peer-failed", "failed"],
  ["throw", "peer-failed", "failed"],
  ["exit", "peer-killed", "killed"],
  ["abort", "aborted", "aborted"],
] as const) {
  everyVariant(
    `a task that has the other end ends by ${how}: its last words, then \`${answer}\``,
    async (pair) => {
      const task = handOver(pair.lefts, (end) => spawn(endAs, [end, how]));
      const outcome = task.outcome;
      const first = await answerOf(pair.right.receive());
      assert.ok(first === "last words" || (how === "abort" && first === "aborted"), String(first));
      await outcome;
      assert.equal(await settled(pair.right.peerGone), state);
      await receivesAnswer(pair.right, answer);
      await sendsAnswer(pair.right, answer === "aborted" ? "aborted" : "broken");
      if (answer !== "peer-failed" && answer !== "aborted") return;
      await assert.rejects(
        pair.right.receive(),
        ({ cause }: QuipeError) => cause instanceof RangeError,
      );
    },
  );
}

everyVariant(
  "a sender is killed while it waits for room: what it had sent is there, nothing of what it had not",
  async (pair, { capacity }) => {
    const sender = handOver(pair.lefts, (end) => spawn(sendNumbersSync, [end, 0, 100]));
    await until(() => pair.right.statistics().in.waitingSenders === 1);
    await sender.kill();
    assert.deepEqual(await take(pair, capacity), numbersTo(capacity));
    await receivesAnswer(pair.right, "peer-killed");
  },
);

everyVariant(
  "a receiver is killed while it waits: the next one in line gets the item, and senders hear nothing",
  async (pair) => {
    const clones = [pair.right.clone(), pair.right.clone()];
    const [first, second] = clones.map((end) => spawn(receiveOnDemand, [end])) as [Task, Task];
    await first.quipe.send("receive");
    await until(() => pair.left.statistics().out.waitingReceivers === 1);
    await second.quipe.send("receive");
    await until(() => pair.left.statistics().out.waitingReceivers === 2);
    await first.kill();
    await pair.left.send("for the second");
    assert.equal(await second.quipe.receive(), "for the second");
    assert.equal(pair.left.peerState, "alive");
    second.quipe.close();
    await second.result;
  },
);

everyVariant(
  "of several senders that wait the first is killed: the others are served, its item is not sent",
  async (pair, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const tasks = numbersTo(3).map(() => spawn(sendOnDemand, [pair.left.clone()]));
    for (const [i, { quipe: orders }] of tasks.entries()) {
      await orders.send(`item ${i}`);
      await until(() => pair.right.statistics().in.waitingSenders === i + 1);
    }
    await tasks[0]?.kill();
    assert.deepEqual((await take(pair, capacity + 2)).slice(capacity), ["item 1", "item 2"]);
    assert.equal(pair.right.tryReceive(), undefined);
    for (const task of tasks.slice(1)) {
      await task.quipe.receive();
      task.quipe.close();
      await task.result;
    }
  },
);

everyVariant("a receive of this thread waits behind one of a task that is killed", async (pair) => {
  const task = spawn(receiveOnDemand, [pair.right.clone()]);
  await task.quipe.send("receive");
  await until(() => pair.left.statistics().out.waitingReceivers === 1);
  const receiving = pair.right.receive();
  await until(() => pair.left.statistics().out.waitingReceivers === 2);
  await task.kill();
  await pair.left.send("here");
  assert.equal(await receiving, "here");
});

everyVariant(
  "a task that holds one of several clones is killed: the lane goes on, and its end tells of it later",
  async (pair) => {
    const holder = spawn(holdForEver, [pair.left.clone()]);
    assert.equal(await holder.quipe.receive(), "alive");
    await holder.kill();
    const sending = pair.left.send("still alive");
    assert.equal(await pair.right.receive(), "still alive");
    await sending;
    pair.closeLeft();
    await receivesAnswer(pair.right, "peer-killed");
    assert.equal(pair.right.peerState, "killed");
  },
);

everyVariant(
  "a task is killed before it took an end out of its lane: the other side hears that it was lost",
  async (pair) => {
    const task = spawn(neverReceive);
    assert.equal(await task.quipe.receive(), "running");
    await task.quipe.send({ deep: [pair.lefts[0] as End] });
    pair.lefts.slice(1).forEach((end) => end.close());
    const receiving = answerOf(pair.right.receive());
    await task.kill();
    assert.equal(await receiving, "peer-failed");
    assert.equal(pair.right.peerState, "failed");
  },
);

everyVariant(
  "an end is lost with the lane that it lay in, when that is closed unread",
  async (pair) => {
    const [carrier, arrival] = quipe<End, never>();
    carrier.trySend(pair.lefts[0] as End);
    pair.lefts.slice(1).forEach((end) => end.close());
    const receiving = answerOf(pair.right.receive());
    arrival.close();
    assert.equal(await receiving, "peer-failed");
  },
);

everyVariant("an end on its way to a task that is dead stays mine", async (pair) => {
  const task = spawn(neverReceive);
  await task.quipe.receive();
  await task.kill();
  assert.equal(await answerOf(task.quipe.send(pair.lefts[0] as End)), "broken");
  const sending = (pair.lefts[0] as End).send("mine");
  assert.equal(await pair.right.receive(), "mine");
  await sending;
});

everyVariant("a task is killed while it offers an end that nobody takes", async (pair) => {
  const [inner, other] = quipe();
  const task = handOver(pair.lefts, (end) => spawn(sendOnce, [end]));
  await task.quipe.send(inner);
  await until(
    () =>
      pair.right.statistics().in.waitingSenders === 1 || pair.right.statistics().in.buffered === 1,
  );
  const receiving = answerOf(other.receive());
  await task.kill();
  if (pair.right.statistics().in.buffered === 1) {
    const moved = (await pair.right.receive()) as End;
    moved.trySend("rescued");
    assert.equal(await receiving, "rescued");
  } else assert.match(String(await receiving), /peer-killed|peer-failed/);
  assert.equal(await answerOf(pair.right.receive()), "peer-killed");
});

everyVariant(
  "random kills of senders: each one's items are a beginning of what it sends, once each, in order",
  async (pair: Pair) => {
    const tasks = numbersTo(3).map((i) =>
      spawn(sendNumbersSync, [pair.left.clone(), i * 1000, 1000]),
    );
    pair.closeLeft();
    const received: number[] = [];
    for (const [i, task] of tasks.entries()) {
      received.push(...((await take(pair, 20 + 7 * i)) as number[]));
      await task.kill();
    }
    assert.equal(await answerOf(drainInto(pair, received)), "peer-killed");
    for (const i of numbersTo(3)) {
      const own = received.filter((item) => Math.floor(item / 1000) === i);
      assert.deepEqual(
        own,
        numbersTo(own.length).map((n) => n + i * 1000),
      );
    }
  },
);

async function drainInto({ right }: Pair, received: number[]): Promise<void> {
  for await (const item of right) received.push(item as number);
}

everyVariant(
  "a task is killed before it began: the ends in its arguments are lost, and that is said",
  async (pair) => {
    const task = handOver(pair.lefts, (end) =>
      spawn(neverReceive as (end: End) => Promise<void>, [end]),
    );
    const receiving = answerOf(pair.right.receive());
    await task.kill();
    assert.match(String(await receiving), /peer-failed|peer-killed/);
    assert.notEqual(pair.right.peerState, "alive");
  },
);

everyVariant(
  "an end in a lane that only this task knows outlasts any number of deaths",
  async (pair) => {
    const [carrier, arrival] = quipe<End, never>();
    await carrier.send(pair.lefts[0] as End);
    for (const _ of numbersTo(3)) {
      const [mine, other] = quipe();
      const task = spawn(neverReceive as (end: End) => Promise<void>, [other]);
      await task.quipe.receive();
      await task.kill();
      assert.notEqual(await settled(mine.peerGone), "alive");
    }
    const moved = await arrival.receive();
    const sending = moved.send("still there");
    assert.equal(await pair.right.receive(), "still there");
    await sending;
  },
);
