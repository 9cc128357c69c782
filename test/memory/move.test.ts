/** Ownership travels with a message: what the sender keeps is dead, what comes back lives, nothing is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { move } from "../../src/memory/move.ts";
import type { Region } from "../../src/memory/region.ts";
import { isFrozen, isShared, plain, share } from "../../src/memory/share.ts";
import { f64, struct } from "../../src/memory/structs.ts";
import { compact } from "../../src/memory/settling.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  type Draft,
  bounce,
  compactOften,
  close,
  extend,
  findLeft,
  freezeIt,
  ignore,
  inspect,
  keep,
  leaveBehind,
  offer,
  outgrow,
  read,
} from "./moving-tasks.ts";
import { until } from "../until.ts";

class Dot extends struct({ x: f64 }) {}

const MOVED = { code: "moved" };

function draftOf(count = 1): Draft {
  return share<Draft>({ count, names: ["one"] });
}

function regionOf(view: object): Region {
  return (locate(view) as Location).region;
}

test("what is moved as an argument and returned with move is the same data in two tasks", async () => {
  const draft = draftOf();
  const task = spawn(extend, [move(draft)]);
  assert.throws(() => draft.count, MOVED);
  assert.throws(() => draft.names.push("late"), MOVED);
  const back = await task.result;
  assert.deepEqual(plain(back), { count: 2, names: ["one", "added"] });
  back.names.push("here");
  assert.equal(back.names.length, 3);
  assert.throws(() => draft.count, MOVED);
  assert.equal(regionOf(back).id, regionOf(draft).id);
  checkRegion(regionOf(back));
});

test("an item moves its data through the lane and back, a thousand times, in bounded memory", async () => {
  const task = spawn(bounce);
  let draft = draftOf(0);
  for (let i = 0; i < 1_000; i++) {
    await task.quipe.send(move(draft));
    assert.throws(() => draft.count, MOVED);
    draft = (await task.quipe.receive()) as Draft;
  }
  assert.equal(draft.count, 1_000);
  assert.ok(regionOf(draft).buffer.byteLength <= 2 ** 17);
  checkRegion(regionOf(draft));
  task.quipe.close();
  assert.equal((await task.outcome).kind, "done");
});

test("aliases and cycles arrive as they were, and one mark in two places is one object", async () => {
  const draft = draftOf(5);
  draft.self = draft;
  const moved = move(draft);
  assert.deepEqual(await spawn(inspect, [[moved, moved]]).result, [true, true, 5]);
});

test("only what this task owns can be moved, and the refusal says what to do", async () => {
  assert.throws(() => move({ a: 1 }), { code: "not-owner", message: /share\(it\)/ });
  assert.throws(() => move(freeze({ a: 1 })), { code: "frozen", message: /send it as it is/ });
  const forever = freeze({ a: 1 }, { forever: true });
  assert.throws(() => move(forever), { code: "frozen" });
  const draft = draftOf();
  const task = spawn(extend, [move(draft)]);
  assert.throws(() => move(draft), MOVED);
  assert.throws(() => freeze(draft), MOVED);
  assert.throws(() => plain(draft), MOVED);
  await task.result;
});

test("a mark can only be sent, and only once", async () => {
  const draft = draftOf();
  const mark = move(draft);
  assert.throws(() => mark.count, { code: "moved", message: /send it, return it/ });
  assert.throws(() => JSON.stringify(mark), MOVED);
  assert.throws(() => Object.keys(mark), MOVED);
  assert.throws(() => (mark.count = 2), MOVED);
  assert.throws(() => "count" in mark, MOVED);
  assert.equal(draft.count, 1, "a mark alone changes nothing");
  assert.deepEqual(await spawn(inspect, [[mark]]).result, [true, false, 1]);
  assert.throws(() => spawn(inspect, [[mark]]), MOVED);
});

test("two marks of one region in one message are refused, and nothing has happened", () => {
  const draft = draftOf();
  assert.throws(() => spawn(inspect, [[move(draft), move(draft)]]), MOVED);
  draft.names.push("still here");
  assert.equal(draft.names.length, 2);
});

test("a part moves the whole, and the receiver gets the part", async () => {
  const draft = draftOf();
  const { names } = draft;
  const back = await spawn((list: string[]) => list.length, [move(names)]).result;
  assert.equal(back, 1);
  assert.throws(() => draft.count, MOVED);
});

test("a message that cannot be encoded gives back what it would have moved", () => {
  const [first, second] = [draftOf(1), draftOf(2)];
  const { names } = first;
  const task = spawn(ignore);
  const bad = { a: move(first), b: [move(second)], c: () => 1 };
  assert.throws(() => task.quipe.trySend(bad), { code: "not-sendable", message: /\$\.c/ });
  first.count += 1;
  second.names.push("x");
  assert.equal(names, first.names, "the same views live again");
  assert.equal(first.count, 2);
  void task.kill();
});

test("an error cannot move anything, and says so", async () => {
  const draft = draftOf();
  const task = spawn(ignore);
  task.quipe.close(Object.assign(new Error("with data"), { data: move(draft) }));
  assert.equal(draft.count, 1);
  await task.kill();
});

test("no room, a timeout, a signal and a close each leave the sender as it was", async () => {
  const task = spawn(ignore, [], { capacity: 1 });
  await task.quipe.receive();
  assert.equal(task.quipe.trySend(0), true);
  const draft = draftOf();
  const { names } = draft;
  assert.equal(task.quipe.trySend(move(draft)), false);
  assert.equal(draft.count, 1);
  assert.throws(() => task.quipe.sendSync(move(draft), { timeoutMs: 0 }), { code: "timed-out" });
  assert.equal(draft.count, 1);
  const controller = new AbortController();
  const aborted = task.quipe.send(move(draft), { signal: controller.signal });
  assert.throws(() => draft.count, { code: "moved", message: /waits to be sent/ });
  await assert.rejects(thaw(draft), { code: "moved", message: /waits to be sent/ });
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  draft.count += 1;
  const closed = task.quipe.send(move(draft));
  task.quipe.close();
  await assert.rejects(closed, { code: "closed" });
  draft.count += 1;
  assert.throws(() => task.quipe.trySend(move(draft)), { code: "closed" });
  assert.equal(draft.names, names);
  assert.deepEqual(plain(draft), { count: 3, names: ["one"] });
  await task.kill();
});

test("a broken end, and a task that ends while the item waits, give it back", async () => {
  const task = spawn(ignore, [], { capacity: 1 });
  await task.quipe.receive();
  await task.quipe.send(0);
  const draft = draftOf();
  const refused = assert.rejects(task.quipe.send(move(draft)), { code: "broken" });
  await task.kill();
  await refused;
  draft.count += 1;
  await assert.rejects(task.quipe.send(move(draft)), { code: "broken" });
  assert.equal(draft.count, 2);
});

test("what a killed task had not received comes back to who moved it", async () => {
  const task = spawn(ignore);
  await task.quipe.receive();
  const draft = draftOf();
  await task.quipe.send({ inside: [move(draft)] });
  assert.throws(() => tryThaw(draft), { code: "moved", message: /on its way/ });
  await assert.rejects(thaw(draft), { code: "moved" });
  await task.kill();
  const { names } = await thaw(draft);
  names.push("back");
  assert.throws(() => draft.count, MOVED, "the old view stays dead");
  const again = tryThaw(draft);
  assert.deepEqual(plain(again), { count: 1, names: ["one", "back"] });
  assert.equal(again.names, names);
  checkRegion(regionOf(again));
});

test("what a living task will not receive, since it closed its end, comes back", async () => {
  const task = spawn(close);
  const draft = draftOf();
  const sent = task.quipe.send(move(draft)).then(
    () => true,
    () => false,
  );
  const wasSent = await sent;
  await assert.rejects(task.quipe.receive(), { code: "ended" });
  const back = wasSent ? tryThaw(draft) : draft;
  assert.equal(back.count, 1);
  await task.kill();
});

test("arguments that a task never got come back", async () => {
  const draft = draftOf();
  const task = spawn({ module: "file:///nowhere/at-all.js" }, [move(draft)]);
  assert.equal((await task.outcome).kind, "crashed");
  assert.equal(tryThaw(draft).count, 1);
});

test("an owner that is killed leaves its data to its heir, as it was changed", async () => {
  const draft = draftOf();
  const part = draft.names;
  const task = spawn(keep, [move(draft)]);
  assert.equal(await task.quipe.receive(), "changed");
  assert.throws(() => tryThaw(draft), MOVED);
  await task.kill();
  assert.throws(() => tryThaw(part), { code: "stale", message: /root/ });
  const mine = tryThaw(draft);
  assert.equal(mine.count, 99);
  mine.names.push("mine");
  checkRegion(regionOf(mine));
});

test("an item of a dead sender can still be received", async () => {
  const task = spawn(offer, [3]);
  await until(() => task.quipe.statistics().in.sent > 0);
  await task.kill();
  const draft = (await task.quipe.receive()) as Draft;
  draft.names.push("mine now");
  assert.deepEqual(plain(draft.names), ["n0", "n1", "n2", "mine now"]);
});

test("what outgrew its memory goes to the heir as it was last", async () => {
  const draft = draftOf();
  const task = spawn(outgrow, [move(draft)]);
  assert.equal(await task.quipe.receive(), "grown");
  await task.kill();
  const mine = tryThaw(draft);
  assert.equal(mine.names.length, 40);
  assert.ok(regionOf(mine).buffer.byteLength > 2 ** 24);
  const back = await spawn(extend, [move(mine)]).result;
  assert.equal(back.names.length, 41);
  checkRegion(regionOf(back));
});

test("the heir of a task that was killed gets what it compacted, not what it had before", async () => {
  const draft = draftOf();
  const task = spawn(compactOften, [move(draft)]);
  assert.equal(await task.quipe.receive(), "compacted");
  await task.kill();
  const mine = tryThaw(draft);
  assert.deepEqual(plain(mine), { count: 1, names: ["last"] });
  assert.ok(regionOf(mine).buffer.byteLength <= 2 ** 17);
  checkRegion(regionOf(mine));
});

test("what is marked to be moved may be edited and compacted before it is sent", async () => {
  const list = share({ drafts: [1, 5].map((count): Draft => ({ count, names: ["one"] })) });
  const marked = move(list.drafts[1] as Draft);
  list.drafts.shift();
  compact(list);
  assert.equal((await spawn(extend, [marked]).result).count, 6);
  assert.throws(() => list.drafts.length, MOVED);
});

test("a task that ended leaves no view that reads on its thread", async () => {
  for (let i = 0; i < 20; i++) {
    await spawn(leaveBehind).result;
    const found = await spawn(findLeft).result;
    assert.ok(["stale", "another thread"].includes(found), found);
    if (found === "stale") return;
  }
  assert.fail("no thread was used twice");
});

test("what was moved, frozen and sent back is thawed by its new owner alone", async () => {
  const draft = draftOf();
  const frozen = (await spawn(freezeIt, [move(draft)]).result) as { readonly count: number };
  assert.equal(frozen.count, 2);
  assert.ok(isFrozen(frozen));
  assert.ok(isShared(draft));
  assert.ok(!isFrozen(draft));
  const reader = spawn(read, [frozen]);
  assert.equal(await reader.quipe.receive(), 2);
  assert.throws(() => tryThaw(frozen), { code: "readers-present", message: /read/ });
  await reader.quipe.send("go");
  await reader.result;
  const own = await thaw(frozen);
  own.count += 1;
  assert.equal(own.count, 3, "the heir of a task that ended owns what it froze");
});

test("what refers to frozen data takes the reference along", async () => {
  const names = freeze({ list: ["Oslo", "Bodø"] });
  const draft = share({ names, count: 1 });
  const task = spawn(
    async (moved: typeof draft) => {
      const quipe = await import("quipe");
      moved.count = moved.names.list.length;
      return quipe.move(moved);
    },
    [move(draft)],
  );
  const back = await task.result;
  assert.deepEqual(plain(back), { names: { list: ["Oslo", "Bodø"] }, count: 2 });
  assert.throws(() => tryThaw(names), { code: "readers-present" });
});

test("a large message moves as well, and what it moves comes back if it is not received", async () => {
  const padding = "x".repeat(1_000_000);
  const echo = spawn(async () => {
    const quipe = await import("quipe");
    const end = quipe.current<Draft, { draft: Draft; padding: string }>().quipe;
    const { draft, padding: text } = await end.receive();
    draft.count = text.length;
    await end.send(quipe.move(draft));
  });
  const draft = draftOf();
  await echo.quipe.send({ draft: move(draft), padding });
  const back = (await echo.quipe.receive()) as Draft;
  assert.equal(back.count, 1_000_000);
  await echo.result;
  const ignorant = spawn(ignore);
  await ignorant.quipe.receive();
  await ignorant.quipe.send({ draft: move(back), padding });
  assert.throws(() => tryThaw(back), { code: "moved", message: /on its way/ });
  await ignorant.kill();
  assert.equal(tryThaw(back).count, 1_000_000);
});

test("the views of a moved struct throw, to read and to write", async () => {
  const draft = share({ dot: new Dot({ x: 1 }), dots: [new Dot({ x: 2 })] });
  const { dot, dots } = draft;
  const task = spawn((moved: { dots: unknown[] }) => moved.dots.length, [move(draft)]);
  assert.throws(() => dot.x, MOVED);
  assert.throws(() => (dot.x = 2), MOVED);
  assert.throws(() => dots.length, MOVED);
  assert.equal(await task.result, 1);
});

test("what is no object cannot be moved, to the compiler and to the program", () => {
  // @ts-expect-error: a string is copied
  assert.throws(() => move("text"), { code: "not-owner" });
  assert.throws(() => share({ inside: move(draftOf()) }), MOVED);
});

test("what waits to be moved when its task ends goes to the heir", async () => {
  const draft = draftOf();
  const task = spawn(
    async (moved: Draft) => {
      const quipe = await import("quipe");
      const { quipe: end } = quipe.current();
      moved.count = 7;
      end.trySend("the only room");
      void end.send(quipe.move(moved)).catch(() => {});
    },
    [move(draft)],
    { capacity: 1 },
  );
  await task.result;
  assert.equal(await task.quipe.receive(), "the only room");
  await assert.rejects(task.quipe.receive(), { code: "ended" });
  assert.equal(tryThaw(draft).count, 7);
});
