/**
 * What real tasks saw of one lane could have come from a plain queue. `QUIPE_ITEMS` says how many items each of them sends; `QUIPE_SEED`
 * replays the ways in which they send and receive.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { makeQuipe } from "../../src/quipe/quipe.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Operation, recordReceives, recordSends, violationIn } from "./history.ts";

const count = Number(process.env["QUIPE_ITEMS"] ?? 300);
const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const KINDS = [
  { name: "one sender and one receiver", capacity: 4, tasks: 1 },
  { name: "two senders and two receivers", capacity: 4, tasks: 2 },
  { name: "two of each, and room for one item", capacity: 1, tasks: 2 },
  { name: "two of each, and no room", capacity: 0, tasks: 2 },
];

for (const { name, capacity, tasks } of KINDS) {
  test(`${name} see a queue (seed ${seed})`, async () => {
    const [left, right] = makeQuipe<number, never>({ capacity });
    const clock = new SharedArrayBuffer(4);
    const places = Array.from({ length: tasks }, (_, i) => i);
    const senders = places.map((i) =>
      spawn(recordSends, [left.clone(), { clock, seed: seed + i }, (i + 1) * 1_000_000, count]),
    );
    const receivers = places.map((i) =>
      spawn(recordReceives, [right.clone(), { clock, seed: seed - 1 - i }]),
    );
    left.close();
    right.close();
    const parts = await Promise.all([...senders, ...receivers].map(({ result }) => result));
    const history = parts.flat();
    assert.equal(violationIn(history, capacity), undefined);
    assert.equal(history.filter(({ kind }) => kind === "send").length, tasks * count);
    assertSeesFaults(history, capacity);
  });
}

/** The same history with one fault is refused. */
function assertSeesFaults(history: readonly Operation[], capacity: number): void {
  const receives = history.filter(({ kind, item }) => kind === "receive" && item !== undefined);
  const first = receives[0] as Operation;
  const last = receives.findLast(({ item }) => sameSender(item, first.item)) as Operation;
  const swapped = history.map((operation) => {
    if (operation === first) return { ...first, item: last.item };
    return operation === last ? { ...last, item: first.item } : operation;
  });
  assert.match(violationIn(swapped, capacity) ?? "", /overtook|before it was sent/);
  assert.match(
    violationIn(
      history.filter((each) => each !== first),
      capacity,
    ) ?? "",
    /was lost/,
  );
  assert.match(violationIn([...history, first], capacity) ?? "", /came twice/);
  const end = Math.max(...history.map(({ ended }) => ended));
  const afterAll = { began: end + 1, ended: end + 2 };
  if (capacity > 0) {
    const refusal: Operation = { kind: "refusal", item: 7, ...afterAll };
    assert.match(
      violationIn([...history, refusal], capacity) ?? "",
      /7 was refused though at most 0/,
    );
  }
  const last7: Operation = { kind: "send", item: 7, began: -2, ended: -1 };
  const lateReceive: Operation = { kind: "receive", item: 7, began: end + 3, ended: end + 4 };
  const look: Operation = { kind: "receive", item: undefined, ...afterAll };
  const missed = [last7, ...history, look, lateReceive];
  assert.match(violationIn(missed, capacity) ?? "", /overtook|nothing was found though 7/);
}

function sameSender(one: number | undefined, other: number | undefined): boolean {
  return Math.floor((one ?? 0) / 1_000_000) === Math.floor((other ?? 0) / 1_000_000);
}
