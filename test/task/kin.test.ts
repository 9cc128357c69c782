/** Whom the end of a task concerns: the children in its scopes, the innermost scope first, and nobody else's. */
import assert from "node:assert/strict";
import { MessageChannel } from "node:worker_threads";
import { test } from "node:test";
import type { TaskId } from "../../src/sync/board.ts";
import { createBoard } from "../../src/sync/board.ts";
import type { Start } from "../../src/sync/messages.ts";
import { Kin } from "../../src/task/kin.ts";
import { type Living, Roster } from "../../src/task/roster.ts";

const nothing = { bytes: new ArrayBuffer(0), carries: [] };
const ending = { how: "done", parcel: nothing, stopped: true } as const;

function idOf(slot: number): TaskId {
  return { slot, generation: 1 };
}

/** Tasks by slot, each with its spawner, its scope and whether it is shielded. */
function family(members: readonly (readonly [number, number, number?, boolean?])[]): {
  readonly kin: Kin;
  readonly starts: ReadonlyMap<number, Start>;
} {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  const roster = new Roster(createBoard(), port1);
  const starts = new Map<number, Start>();
  for (const [slot, spawner, scope, isShielded] of members) {
    const start = {
      task: idOf(slot),
      spawner: idOf(spawner),
      arguments: nothing,
      scope,
      isShielded,
    } as unknown as Start;
    starts.set(slot, start);
    roster.enter(start, { link: port2 } as unknown as Living["member"]);
  }
  return { kin: new Kin(roster), starts };
}

function slotsOf(living: readonly Living[]): number[] {
  return living.map(({ start }) => start.task.slot);
}

test("the children in the innermost scope come first; those in no scope, or of others, never", () => {
  const { kin } = family([
    [2, 1, 7],
    [3, 1, 9],
    [4, 1],
    [5, 1, 9],
    [6, 2, 11],
  ]);
  assert.deepEqual(slotsOf(kin.innermostOf(idOf(1))), [3, 5]);
  assert.deepEqual(slotsOf(kin.innermostOf(idOf(2))), [6]);
  assert.deepEqual(slotsOf(kin.innermostOf(idOf(3))), []);
});

test("a cancel concerns all scopes of a task, but not what a shield holds it off from", () => {
  const { kin } = family([
    [2, 1, 7],
    [3, 1, 9, true],
    [4, 1],
    [5, 2, 10],
  ]);
  assert.deepEqual(slotsOf(kin.underCancelOf(idOf(1))), [2]);
});

test("who waits for its children is given back when one of them is buried, and by no other's burial", () => {
  const { kin, starts } = family([
    [1, 0],
    [2, 1, 7],
    [3, 4, 7],
  ]);
  const [opener, child, stranger] = [1, 2, 3].map((slot) => starts.get(slot));
  assert.ok(opener !== undefined && child !== undefined && stranger !== undefined);
  kin.wait({ start: opener, parcels: [] }, { ...ending, stopped: false });
  assert.equal(kin.buried(stranger), undefined);
  assert.equal(kin.stopped(opener.task), true, "its thread has ended meanwhile");
  assert.equal(kin.stopped(child.task), false);
  const waiting = kin.buried(child);
  assert.equal(waiting?.dead.start, opener);
  assert.equal(waiting.ending.stopped, true);
  assert.equal(kin.buried(child), undefined);
});

test("the first cancel of a task is remembered until its burial", () => {
  const { kin, starts } = family([[1, 0]]);
  const [first, second] = ["first", "second"].map((text) => ({
    reason: { ...nothing, bytes: new TextEncoder().encode(text).buffer },
    graceMs: undefined,
  }));
  const opener = starts.get(1);
  assert.ok(first !== undefined && second !== undefined && opener !== undefined);
  kin.cancelled(idOf(1), first);
  kin.cancelled(idOf(1), second);
  assert.equal(kin.cancelOf(idOf(1)), first);
  kin.buried(opener);
  assert.equal(kin.cancelOf(idOf(1)), undefined);
});
