/** Sending and receiving in every variant of lanes: what passes, in which order, how much of it, and what does not. */
import assert from "node:assert/strict";
import { freeze, guard, isFrozen, move, share } from "../../src/index.ts";
import { answerNow, answerOf, everyVariant, fill, isSettled, numbersTo } from "./variants.ts";
import { sendAll, startFirst, take, turn } from "./variants.ts";
import { until } from "../until.ts";

startFirst();

const circle: { self?: unknown } = {};
circle.self = circle;

const values: readonly unknown[] = [
  undefined,
  null,
  false,
  0,
  -0,
  2 ** 31,
  -(2 ** 31),
  1.5,
  Number.NaN,
  -Infinity,
  "",
  "a\ud800z",
  -(2n ** 200n),
  new Date(5),
  /x+/giu,
  [1, , 3], // eslint-disable-line no-sparse-arrays
  new Map<unknown, unknown>([["a", new Set([1, "b"])]]),
  Uint8Array.of(1, 2, 3),
  new Float64Array(3).buffer,
  { deep: { deeper: [{ deepest: null }] } },
  circle,
  new RangeError("an item like any other", { cause: "why" }),
];

everyVariant("values of every kind arrive equal, one by one and in their order", async (pair) => {
  const sends = sendAll(pair, values);
  assert.deepEqual(await take(pair, values.length), values);
  await Promise.all(sends);
});

everyVariant(
  "frozen data goes by reference, a guard is shared, moved data changes hands",
  async (pair) => {
    const table = freeze({ rows: [1, 2, 3] });
    const counter = guard({ n: 1 });
    const draft = share({ name: "draft" });
    const sends = sendAll(pair, [table, counter, move(draft)]);
    const [tableThere, counterThere, draftThere] = (await take(pair, 3)) as [
      typeof table,
      typeof counter,
      typeof draft,
    ];
    await Promise.all(sends);
    assert.ok(isFrozen(tableThere));
    await counterThere.update((value) => void (value.n += 1));
    assert.equal(await counter.read(({ n }) => n), 2);
    draftThere.name = "mine now";
    assert.equal(
      answerNow(() => draft.name),
      "moved",
    );
  },
);

everyVariant(
  "what was sent is a copy: later changes on either side do not reach the other",
  async (pair) => {
    const item = { list: [1] };
    const sending = pair.left.send(item);
    item.list.push(2);
    const received = (await pair.right.receive()) as typeof item;
    received.list.push(3);
    await sending;
    assert.deepEqual(
      [item.list, received.list],
      [
        [1, 2],
        [1, 3],
      ],
    );
  },
);

everyVariant(
  "a thousand items of one sender arrive in order, whichever handle sends them",
  async (pair) => {
    const sends = sendAll(pair, numbersTo(1000));
    assert.deepEqual(await take(pair, 1000), numbersTo(1000));
    await Promise.all(sends);
  },
);

everyVariant("a receive that came first is served first", async (pair) => {
  const receives = numbersTo(50).map(() => pair.right.receive());
  const sends = sendAll(pair, numbersTo(50));
  assert.deepEqual(await Promise.all(receives), numbersTo(50));
  await Promise.all(sends);
});

everyVariant(
  "the lane takes as many items as its capacity, and then not one more",
  async (pair, { capacity }) => {
    assert.equal(fill(pair), capacity);
    assert.equal(pair.left.trySend("one more"), false);
    assert.deepEqual(pair.right.drain(), numbersTo(capacity));
    assert.equal(fill(pair), capacity, "and again, once it is empty");
  },
);

everyVariant(
  "a send goes on waiting in a full lane until exactly one item is taken",
  async (pair, { capacity }) => {
    fill(pair);
    const [first, second] = [pair.left.send("first"), pair.left.send("second")];
    assert.equal(await isSettled(first), false);
    await pair.right.receive();
    await first;
    assert.equal(await isSettled(second), false);
    assert.deepEqual(await take(pair, capacity + 1), [
      ...numbersTo(capacity).slice(1),
      ...(capacity > 0 ? ["first"] : []),
      "second",
    ]);
    await second;
  },
);

everyVariant(
  "an empty lane has nothing to take at once, and a receive waits until something comes",
  async (pair) => {
    assert.equal(pair.right.tryReceive(), undefined);
    assert.deepEqual(pair.right.drain(), []);
    const receiving = pair.right.receive();
    assert.equal(await isSettled(receiving), false);
    await pair.left.send("at last");
    assert.equal(await receiving, "at last");
  },
);

everyVariant("trySend to somebody who waits hands the item over, without a wait", async (pair) => {
  const receives = [pair.right.receive(), pair.right.receive()];
  await until(() => pair.left.trySend(1));
  await until(() => pair.left.trySend(2));
  assert.deepEqual(await Promise.all(receives), [1, 2]);
});

everyVariant("tryReceive and drain take what a waiting sender has", async (pair) => {
  const sends = sendAll(pair, numbersTo(6));
  const received: unknown[] = [];
  while (received.length < 6) {
    received.push(...pair.right.drain());
    const item = pair.right.tryReceive();
    if (item !== undefined) received.push(item.value);
    await turn();
  }
  assert.deepEqual(received, numbersTo(6));
  await Promise.all(sends);
});

everyVariant("both directions are independent of each other", async (pair, { capacity }) => {
  fill(pair);
  const asking = pair.left.send("question");
  const back = [pair.right.send(1), pair.right.send(2)];
  assert.deepEqual([await pair.left.receive(), await pair.left.receive()], [1, 2]);
  await Promise.all(back);
  assert.equal(await isSettled(asking), false);
  assert.equal((await take(pair, capacity + 1)).at(-1), "question");
  await asking;
});

everyVariant("items larger than the lane arrive whole, between small ones", async (pair) => {
  const large = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
  const items = ["before", large, "after", "x".repeat(100_000), { large }, 1];
  const sends = sendAll(pair, items);
  assert.deepEqual(await take(pair, items.length), items);
  await Promise.all(sends);
});

everyVariant(
  "in a lane of few bytes, items of all sizes wait for each other and arrive",
  async (_, variant) => {
    const pair = variant.make({ maxBytes: 256 });
    const items = numbersTo(300).map((i) => `${i} `.repeat((i * 7) % 90));
    const sends = sendAll(pair, items);
    assert.deepEqual(await take(pair, items.length), items);
    await Promise.all(sends);
    pair.check();
  },
);

everyVariant(
  "an item that cannot be sent is refused with its path, and the next one passes",
  async (pair) => {
    const bad: unknown = { list: [0, () => 1] };
    assert.equal(await answerOf(pair.left.send(bad)), "not-sendable");
    assert.equal(
      answerNow(() => pair.left.trySend(bad)),
      "not-sendable",
    );
    assert.equal(
      answerNow(() => pair.left.sendSync(bad)),
      "not-sendable",
    );
    await assert.rejects(pair.left.send(bad), /list\[1\]/);
    const sending = pair.left.send("good");
    assert.equal(await pair.right.receive(), "good");
    await sending;
  },
);

everyVariant(
  "a getter of an item may receive from the lane that the item goes into",
  async (pair) => {
    const first = pair.left.send("first");
    const second = pair.left.send({
      get seen() {
        return pair.right.tryReceive()?.value;
      },
    });
    assert.deepEqual(await pair.right.receive(), { seen: "first" });
    await Promise.all([first, second]);
  },
);

everyVariant(
  "an item whose getter throws sends nothing, and the error is the getter's own",
  async (pair) => {
    const own = new Error("getter");
    const bad: unknown = {
      get x(): never {
        throw own;
      },
    };
    await assert.rejects(pair.left.send(bad), (error) => error === own);
    assert.equal(pair.right.tryReceive(), undefined);
    assert.equal(pair.left.statistics().out.sent, 0);
  },
);

everyVariant(
  "a blocking receive stands in line behind those that wait, and a blocking send too",
  (pair) => {
    const receives = [pair.right.receive(), pair.right.receive()];
    assert.equal(
      answerNow(() => pair.right.receiveSync({ timeoutMs: 1 })),
      "timed-out",
    );
    const sends = sendAll(pair, numbersTo(6));
    assert.equal(
      answerNow(() => pair.left.sendSync("late", { timeoutMs: 1 })),
      "timed-out",
    );
    return (async () => {
      assert.deepEqual(await Promise.all(receives), [0, 1]);
      assert.deepEqual(await take(pair, 4), [2, 3, 4, 5]);
      await Promise.all(sends);
      assert.equal(pair.right.tryReceive(), undefined);
    })();
  },
);
