/** Lanes between real tasks: many on each side, in turn, with ends from another thread. */
import assert from "node:assert/strict";
import { type End, type Outcome, type Task, quipe, spawn } from "../../src/index.ts";
import {
  collectAll,
  collectAllSync,
  echoAll,
  receiveOnDemand,
  sendNumbers,
  sendNumbersSync,
  sendOnDemand,
} from "./programs/ends.ts";
import { type Pair, answerOf, everyVariant, numbersTo, startFirst, take } from "./variants.ts";
import { until } from "../until.ts";
import { sieve } from "./programs/sieve.ts";

startFirst();

const ITEMS = 300;

/** Hands a clone of an end to each task, and closes all that are held here. */
function handOut(ends: readonly End[], count: number, use: (end: End, i: number) => Task): Task[] {
  const clones = numbersTo(count).map(() => (ends[0] as End).clone());
  for (const end of ends) end.close();
  return clones.map(use);
}

function collectors(pair: Pair, count: number): Task<{ items: unknown[]; how: string }>[] {
  return handOut(pair.rights, count, (end, i) =>
    spawn(i % 2 === 0 ? collectAll : collectAllSync, [end]),
  ) as Task<{
    items: unknown[];
    how: string;
  }>[];
}

function senders(pair: Pair, count: number): Task[] {
  return handOut(pair.lefts, count, (end, i) =>
    spawn(i % 2 === 0 ? sendNumbers : sendNumbersSync, [end, i * ITEMS, ITEMS]),
  );
}

everyVariant("one sender, one receiver, each in a task of its own", async (pair) => {
  const [receiver] = collectors(pair, 1);
  senders(pair, 1);
  assert.deepEqual(await receiver?.result, { items: numbersTo(ITEMS), how: "finished" });
});

everyVariant(
  "several senders, one receiver: everything once, and each sender's in order",
  async (pair) => {
    const tasks = senders(pair, 3);
    const items: number[] = [];
    for await (const item of pair.right) items.push(item as number);
    assert.deepEqual(
      items.toSorted((a, b) => a - b),
      numbersTo(3 * ITEMS),
    );
    for (const i of numbersTo(3)) {
      const own = items.filter((item) => Math.floor(item / ITEMS) === i);
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
      );
    }
    await Promise.all(tasks.map(({ result }) => result));
  },
);

everyVariant(
  "one sender, several receivers: everything once, to each in order, and all hear of the end",
  async (pair) => {
    const tasks = collectors(pair, 3);
    for (const i of numbersTo(ITEMS)) await pair.left.send(i);
    pair.closeLeft();
    const got = await Promise.all(tasks.map(({ result }) => result));
    for (const { items, how } of got) {
      assert.equal(how, "finished");
      assert.deepEqual(
        items,
        items.toSorted((a, b) => Number(a) - Number(b)),
      );
    }
    assert.deepEqual(
      got.flatMap(({ items }) => items).toSorted((a, b) => Number(a) - Number(b)),
      numbersTo(ITEMS),
    );
  },
);

everyVariant("several senders, several receivers: everything once", async (pair) => {
  const receiving = collectors(pair, 2);
  const sending = senders(pair, 2);
  const got = await Promise.all(receiving.map(({ result }) => result));
  await Promise.all(sending.map(({ result }) => result));
  assert.deepEqual(
    got.flatMap(({ items }) => items).toSorted((a, b) => Number(a) - Number(b)),
    numbersTo(2 * ITEMS),
  );
});

everyVariant(
  "receivers in several tasks are served in the order in which they began to wait",
  async (pair) => {
    const tasks = handOut(pair.rights, 3, (end) => spawn(receiveOnDemand, [end]));
    const { left } = pair;
    for (const round of numbersTo(5)) {
      const order = [0, 1, 2].map((i) => (i + round) % 3);
      for (const [place, i] of order.entries()) {
        await tasks[i]?.quipe.send("receive");
        await until(() => left.statistics().out.waitingReceivers === place + 1);
      }
      for (const i of order) {
        await left.send(i);
        assert.equal(await tasks[i]?.quipe.receive(), i);
      }
    }
    for (const { quipe: orders } of tasks) orders.close();
    await Promise.all(tasks.map(({ result }) => result));
  },
);

everyVariant(
  "senders in several tasks are served in the order in which they began to wait",
  async (pair, { capacity }) => {
    const tasks = handOut(pair.lefts, 3, (end) => spawn(sendOnDemand, [end]));
    for (const i of numbersTo(capacity)) {
      await tasks[i % 3]?.quipe.send("fill");
      await tasks[i % 3]?.quipe.receive();
    }
    for (const [place, i] of [2, 0, 1].entries()) {
      await tasks[i]?.quipe.send(i);
      await until(() => pair.right.statistics().in.waitingSenders === place + 1);
    }
    assert.deepEqual((await take(pair, capacity + 3)).slice(capacity), [2, 0, 1]);
    for (const i of [2, 0, 1]) assert.equal(await tasks[i]?.quipe.receive(), i);
    for (const { quipe: orders } of tasks) orders.close();
    await Promise.all(tasks.map(({ result }) => result));
  },
);

everyVariant(
  "somebody who began alone and waits is served although a clone waits in another task",
  async (pair) => {
    const mine = pair.right;
    const first = mine.receive();
    const second = mine.receive();
    const task = spawn(receiveOnDemand, [mine.clone()]);
    await task.quipe.send("receive");
    await until(() => pair.left.statistics().out.waitingReceivers === 2);
    const sends = [1, 2, 3].map((i) => pair.left.send(i));
    const received = await Promise.all([first, second, task.quipe.receive()]);
    assert.deepEqual(received.toSorted(), [1, 2, 3]);
    assert.ok(Number(received[0]) < Number(received[1]));
    await Promise.all(sends);
    task.quipe.close();
    await task.result;
  },
);

everyVariant(
  "a send that began alone and waits is served although a clone waits in another task",
  async (pair, { capacity }) => {
    await Promise.all(numbersTo(capacity).map((i) => pair.left.send(i)));
    const mine = pair.left;
    const sends = [mine.send("a"), mine.send("b")];
    const task = spawn(sendOnDemand, [mine.clone()]);
    await task.quipe.send("theirs");
    await until(() => pair.right.statistics().in.waitingSenders === 2);
    const items = (await take(pair, capacity + 3)).slice(capacity);
    assert.deepEqual(items.toSorted(), ["a", "b", "theirs"]);
    assert.ok(items.indexOf("a") < items.indexOf("b"));
    await Promise.all(sends);
    assert.equal(await task.quipe.receive(), "theirs");
    task.quipe.close();
    await task.result;
  },
);

everyVariant(
  "a task that waits for an item hears of a close, an error and an abort from here",
  async (_, variant) => {
    for (const [act, how] of [
      [(pair: Pair) => pair.closeLeft(), "finished"],
      [(pair: Pair) => pair.closeLeft(new RangeError("why")), "peer-failed"],
      [(pair: Pair) => void pair.left.abort("why"), "aborted"],
    ] as const) {
      const pair = variant.make();
      const tasks = collectors(pair, 2);
      const first = pair.left.send("first");
      await first;
      await until(() => pair.left.statistics().out.waitingReceivers === 2);
      act(pair);
      const got = await Promise.all(tasks.map(({ result }) => result));
      assert.deepEqual(
        got.map((answer) => answer.how),
        [how, how],
      );
      assert.deepEqual(
        got.flatMap(({ items }) => items),
        ["first"],
      );
    }
  },
);

everyVariant("a task that waits for room hears that nobody is left, from here", async (pair) => {
  const tasks = senders(pair, 2);
  await until(() => pair.right.statistics().in.waitingSenders === 2);
  pair.closeRight();
  const answers = tasks.map(({ result }) => answerOf(result));
  assert.deepEqual(await Promise.all(answers), ["broken", "broken"]);
});

everyVariant("ping and pong between two tasks, blocking here", async (pair) => {
  const [echo] = handOut(pair.rights, 1, (end) => spawn(echoAll, [end]));
  const { left } = pair;
  let outcome: Outcome | undefined;
  try {
    for (const i of numbersTo(200)) {
      left.sendSync(i);
      assert.equal(left.receiveSync(), i);
    }
  } finally {
    pair.closeLeft(); // also on a page, which may not block: the ends would be collected in another test
    outcome = await echo?.outcome;
  }
  assert.equal(outcome?.kind, "done");
});

everyVariant(
  "a chain of tasks passes everything on, and the end runs through it",
  async (pair, variant) => {
    const [first, ...others] = numbersTo(4).map(() => quipe({ capacity: variant.capacity }));
    const { relay } = await import("./programs/relay.ts");
    const links = [
      pair.rights[0],
      ...[first, ...others].slice(0, 3).map((made) => made?.[1]),
    ] as End[];
    pair.rights.slice(1).forEach((end) => end.close());
    const made = [first, ...others] as [End, End][];
    const tasks = links.map((from, i) => spawn(relay, [from, made[i]?.[0] as End]));
    const last = made[3]?.[1] as End;
    const sending = (async () => {
      for (const i of numbersTo(50)) await pair.left.send(i);
      pair.closeLeft(new RangeError("through the chain"));
    })();
    for (const i of numbersTo(50)) assert.equal(await last.receive(), i + 4);
    await assert.rejects(last.receive(), /through the chain/);
    await sending;
    await Promise.all(tasks.map(({ result }) => result));
  },
);

everyVariant("a sieve of filters, each its own lane, finds the primes", async (_, { capacity }) => {
  assert.deepEqual(await spawn(sieve, [10, capacity]).result, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
});
