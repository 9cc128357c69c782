/**
 * Histories of real tasks at one lane: each operation with the moments at which it began and ended, by one clock for all;
 * and the check that they could have come from a plain queue (for queues whose items are all different: Henzinger,
 * Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs").
 */
import type { End } from "../../src/quipe/end.ts";
import { add } from "../../src/runtime/atomics.ts";
import { task } from "../../src/task/entry.ts";

/** One operation. `item` is undefined for a `tryReceive` that found nothing. */
export interface Operation {
  readonly kind: "send" | "receive";
  readonly item: number | undefined;
  readonly began: number;
  readonly ended: number;
}

/** Sends `count` items in different ways; resolves with what it has done. */
export const recordSends = task(
  import.meta.url,
  async function recordSends(
    end: End<number, never>,
    clock: SharedArrayBuffer,
    first: number,
    count: number,
  ) {
    const now = (): number => add(new Int32Array(clock), 0, 1);
    const done: Operation[] = [];
    for (let item = first; item < first + count;) {
      const began = now();
      if (item % 3 === 0) await end.send(item);
      else if (item % 3 === 1) end.sendSync(item);
      else if (!end.trySend(item)) continue;
      done.push({ kind: "send", item, began, ended: now() });
      item += 1;
    }
    end.close();
    return done;
  },
);

/** Receives until the lane has ended; resolves with what it has done. */
export const recordReceives = task(
  import.meta.url,
  async function recordReceives(end: End<never, number>, clock: SharedArrayBuffer) {
    const now = (): number => add(new Int32Array(clock), 0, 1);
    const done: Operation[] = [];
    try {
      for (let i = 0; ; i++) {
        const began = now();
        let item: number | undefined;
        if (i % 3 === 0) item = await end.receive();
        else if (i % 3 === 1) item = end.receiveSync();
        else item = end.tryReceive()?.value;
        done.push({ kind: "receive", item, began, ended: now() });
      }
    } catch {
      end.close();
    }
    return done;
  },
);

/** Why no plain queue could have answered so; undefined if one could. */
export function violationIn(history: readonly Operation[]): string | undefined {
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
  return overtakingIn(sends, receives) ?? emptinessIn(history, sends, receives);
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
    const overlaps = ({ began, ended }: Operation): boolean =>
      began < look.ended && ended > look.began;
    if (history.some((other) => other !== look && other.kind === "receive" && overlaps(other)))
      continue;
    for (const [item, { ended }] of sends) {
      const receive = receives.get(item) as Operation;
      if (ended < look.began && receive.began > look.ended)
        return `nothing was found though ${item} was there`;
    }
  }
  return undefined;
}
