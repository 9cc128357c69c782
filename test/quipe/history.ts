/**
 * Histories of real tasks at one lane: each operation with the moments at which it began and ended, by one clock for all;
 * and the check that they could have come from a plain queue (for queues whose items are all different: Henzinger,
 * Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs").
 */
import type { End } from "../../src/quipe/end.ts";
import { add } from "../../src/runtime/atomics.ts";
import { task } from "../../src/task/entry.ts";
import { randomFrom } from "../memory/bank.ts";

/** One operation. `item` is undefined for a `tryReceive` that found nothing; a refusal is a `trySend` that found no room. */
export interface Operation {
  readonly kind: "send" | "refusal" | "receive";
  readonly item: number | undefined;
  readonly began: number;
  readonly ended: number;
}

/** What a recording task is to do. */
export interface Recording {
  /** Counts up; the moments are what it says. */
  readonly clock: SharedArrayBuffer;
  /** Chooses the ways in which it sends or receives. */
  readonly seed: number;
}

/** Sends `count` items in different ways; resolves with what it has done. */
export const recordSends = task(
  import.meta.url,
  async function recordSends(
    end: End<number, never>,
    { clock, seed }: Recording,
    first: number,
    count: number,
  ) {
    const now = (): number => add(new Int32Array(clock), 0, 1);
    const random = randomFrom(seed);
    const done: Operation[] = [];
    for (let item = first; item < first + count; item++) {
      let began = now();
      const way = random(3);
      if (way === 0 && !end.trySend(item)) {
        done.push({ kind: "refusal", item, began, ended: now() });
        began = now();
        await end.send(item);
      } else if (way === 1) await end.send(item);
      else if (way === 2) end.sendSync(item);
      done.push({ kind: "send", item, began, ended: now() });
    }
    end.close();
    return done;
  },
);

/** Receives until the lane has ended; resolves with what it has done. */
export const recordReceives = task(
  import.meta.url,
  async function recordReceives(end: End<never, number>, { clock, seed }: Recording) {
    const now = (): number => add(new Int32Array(clock), 0, 1);
    const random = randomFrom(seed);
    const done: Operation[] = [];
    try {
      for (;;) {
        const began = now();
        const way = random(3);
        let item: number | undefined;
        if (way === 0) item = await end.receive();
        else if (way === 1) item = end.receiveSync();
        else item = end.tryReceive()?.value;
        done.push({ kind: "receive", item, began, ended: now() });
      }
    } catch {
      end.close();
    }
    return done;
  },
);

/** Why no plain queue with room for `capacity` items could have answered so; undefined if one could. */
export function violationIn(history: readonly Operation[], capacity: number): string | undefined {
  const sends = byItem(history, "send");
  const receives = byItem(history, "receive");
  if (typeof sends === "string") return sends;
  if (typeof receives === "string") return receives;
  for (const [item, { ended }] of receives) {
    const sent = sends.get(item);
    if (sent === undefined) return `${item} was received and never sent`;
    if (ended < sent.began) return `${item} was received before it was sent`;
  }
  for (const item of sends.keys()) if (!receives.has(item)) return `${item} was lost`;
  return (
    overtakingIn(sends, receives) ??
    emptinessIn(history, sends, receives) ??
    fullnessIn(history, capacity)
  );
}

type ByItem = ReadonlyMap<number, Operation>;

function byItem(history: readonly Operation[], kind: Operation["kind"]): ByItem | string {
  const found = new Map<number, Operation>();
  for (const operation of history) {
    if (operation.kind !== kind || operation.item === undefined) continue;
    if (found.has(operation.item)) return `${operation.item} came twice`;
    found.set(operation.item, operation);
  }
  return found;
}

/** An item that was sent wholly after another one, and received wholly before it. */
function overtakingIn(sends: ByItem, receives: ByItem): string | undefined {
  // In the order in which the sends began: of those that had ended by then, the one whose receive began last.
  const begun = [...sends.values()].toSorted((one, other) => one.began - other.began);
  const ended = [...sends.values()].toSorted((one, other) => one.ended - other.ended);
  let place = 0;
  let latest: Operation | undefined;
  for (const send of begun) {
    for (; (ended[place]?.ended ?? Infinity) < send.began; place++) {
      const receive = receives.get(ended[place]?.item as number) as Operation;
      if (latest === undefined || receive.began > latest.began) latest = receive;
    }
    const mine = receives.get(send.item as number) as Operation;
    if (latest !== undefined && mine.ended < latest.began)
      return `${send.item} overtook ${latest.item}`;
  }
  return undefined;
}

/** A look that found nothing, alone, though one item was there all the time. */
function emptinessIn(
  history: readonly Operation[],
  sends: ByItem,
  receives: ByItem,
): string | undefined {
  for (const look of history.filter(({ item }) => item === undefined)) {
    // Who finds another receiver at it may be told that nothing is there for it.
    if (isDisturbed(look, history)) continue;
    for (const [item, { ended }] of sends) {
      const receive = receives.get(item) as Operation;
      if (ended < look.began && receive.began > look.ended)
        return `nothing was found though ${item} was there`;
    }
  }
  return undefined;
}

/** An item that was refused, to a sender alone, though there was room all the time. */
function fullnessIn(history: readonly Operation[], capacity: number): string | undefined {
  if (capacity === 0) return undefined; // there is never room, and a receiver that waits may just go
  for (const refusal of history.filter(({ kind }) => kind === "refusal")) {
    if (isDisturbed(refusal, history)) continue;
    let most = 0; // as many items as could lie there at any moment of it
    for (const { kind, item, began, ended } of history) {
      if (kind === "send" && began < refusal.ended) most += 1;
      if (kind === "receive" && item !== undefined && ended < refusal.began) most -= 1;
    }
    if (most < capacity) return `${refusal.item} was refused though at most ${most} were there`;
  }
  return undefined;
}

/** Whether another task did something on the same side meanwhile. */
function isDisturbed(one: Operation, history: readonly Operation[]): boolean {
  const isReceive = one.kind === "receive";
  return history.some(
    (other) =>
      other !== one &&
      (other.kind === "receive") === isReceive &&
      other.began < one.ended &&
      other.ended > one.began,
  );
}
