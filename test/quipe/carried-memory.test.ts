/**
 * Shared memory that an item names and that its sender has dropped: it lives until the item is received, wherever that is.
 * Runs in a process of its own, since it asks for garbage collection.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type End,
  type Guard,
  freeze,
  guard,
  move,
  namespace,
  pool,
  quipe,
  select,
  sending,
  share,
  spawn,
} from "../../src/index.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { takeCensus } from "../../src/task/census.ts";
import { collectUntil, withoutCollector } from "../collector.ts";

const LARGE = "x".repeat(100_000);
const MANY_ROUNDS = 200;
/** What is collected is told of after one round, and looked at by the reaper before the next one. */
const ENOUGH_ROUNDS = 4;

let collected = 0;
const registry = new FinalizationRegistry<undefined>(() => void (collected += 1));

/** Collects what has been dropped up to now, and waits until the reaper has drawn its conclusions. */
async function collectDropped(): Promise<void> {
  const before = collected;
  dropSomething();
  assert.ok(await collectUntil(() => collected > before, MANY_ROUNDS), "nothing was collected");
  for (let round = 0; round < ENOUGH_ROUNDS; round++) {
    await collectUntil(() => false, 1);
    await takeCensus();
  }
}

function dropSomething(): void {
  registry.register(freeze({ dropped: true }), undefined);
}

/** Something in shared memory, and how its receiver finds the number 42 in it. */
interface Kind {
  readonly name: string;
  readonly make: () => unknown;
  readonly read: (received: unknown) => Promise<number> | number;
}

const kinds: readonly Kind[] = [
  {
    name: "frozen data",
    make: () => freeze({ inner: freeze({ n: 42 }) }),
    read: (data) => (data as { inner: { n: number } }).inner.n,
  },
  {
    name: "what is moved",
    make: () => move(share({ n: 42 })),
    read: (data) => (data as { n: number }).n,
  },
  {
    name: "a guard",
    make: () => guard(share({ n: 42 })),
    read: (guarded) => (guarded as Guard<{ n: number }>).read(({ n }) => n),
  },
  {
    name: "a namespace",
    make: () => namespace({ list: freeze([42]) }),
    read: (names) => (names as { list: readonly number[] }).list[0] ?? 0,
  },
  {
    name: "an end",
    make: () => {
      const [left, right] = quipe<number, never>();
      left.trySend(42);
      left.close();
      return right;
    },
    read: (end) => (end as End<never, number>).receive(),
  },
  {
    name: "a SharedArrayBuffer",
    make: () => {
      const buffer = new SharedArrayBuffer(4);
      new Int32Array(buffer)[0] = 42;
      return buffer;
    },
    read: (buffer) => new Int32Array(buffer as SharedArrayBuffer)[0] ?? 0,
  },
];

/** Where an item may be for long before it is received. */
interface Place {
  readonly name: string;
  /** Sends `{ it }` into a lane with room for one item, and keeps nothing of `it`. */
  readonly send: (left: End<unknown, never>, make: () => unknown) => Promise<unknown>;
}

const IN_THE_WAY = "in the way";

const places: readonly Place[] = [
  { name: "lies in a lane", send: (left, make) => left.send({ it: make() }) },
  {
    name: "waits for room",
    send: (left, make) => {
      left.trySend(IN_THE_WAY);
      return left.send({ it: make() });
    },
  },
  {
    name: "is offered by a select",
    send: (left, make) => {
      left.trySend(IN_THE_WAY);
      const item: { it?: unknown } = { it: make() };
      const chosen = select({ sent: sending(left, item) });
      delete item.it;
      return chosen;
    },
  },
];

async function receiveFrom(right: End<never>): Promise<unknown> {
  const item = await right.receive();
  return item === IN_THE_WAY ? receiveFrom(right) : (item as { readonly it: unknown }).it;
}

test("a large item is there, and what it names, in a quipe of which no other task has heard", async () => {
  type Item = { readonly large: string; readonly list: readonly number[] };
  const item: Item = { large: LARGE, list: freeze([42]) };
  const [left, right] = quipe<Item, never>();
  left.trySend(item);
  const { buffers } = await takeCensus();
  const [otherLeft, otherRight] = quipe<Item, never>();
  otherLeft.trySend(item);
  otherLeft.close();
  otherRight.close();
  // Once the reaper has let go of what was left there, it has looked at what was sent before that as well.
  while ((await takeCensus()).buffers > buffers) await nextTurn();
  assert.deepEqual(await right.receive(), item);
});

for (const place of places) {
  for (const { name, make, read } of kinds) {
    test(
      `${name} that its sender has dropped is there when an item brings it that ${place.name}`,
      { skip: withoutCollector },
      async () => {
        const [left, right] = quipe<unknown, never>({ capacity: 1 });
        const sent = place.send(left, make);
        await collectDropped();
        assert.equal(await read(await receiveFrom(right)), 42);
        await sent;
      },
    );
  }
}

test(
  "frozen data that its sender has dropped is there when another task receives the item that has waited",
  { skip: withoutCollector },
  async () => {
    const [left, right] = quipe<unknown, never>({ capacity: 1 });
    const [go, start] = quipe<string, never>();
    const receiver = spawn(
      async (end: typeof right, begin: typeof start) => {
        await begin.receive();
        const items: unknown[] = [];
        for await (const item of end) items.push(item);
        return items.length;
      },
      [right, start],
    );
    const sent = Array.from({ length: 4 }, (_, n) => left.send(freeze({ n })));
    await collectDropped();
    go.trySend("now");
    await Promise.all(sent);
    left.close();
    assert.equal(await receiver.result, sent.length);
  },
);

test(
  "what an argument named when a call was made is there when the pool gets to it",
  { skip: withoutCollector },
  async () => {
    const workers = pool({ size: 1 });
    const [go, start] = quipe<string, never>();
    const first = workers.run((begin: typeof start) => begin.receive(), [start]);
    const argument: { it?: { readonly n: number } } = { it: freeze({ n: 42 }) };
    const second = workers.run(({ it }: typeof argument) => it?.n, [argument]);
    delete argument.it;
    await collectDropped();
    go.trySend("now");
    assert.equal(await first, "now");
    assert.equal(await second, 42);
    await workers.close();
  },
);
