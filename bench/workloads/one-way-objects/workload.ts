/** A stream of small objects from one thread to another, until the last one has arrived. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "small objects one way",
  rounds: 5,
  rows: [
    {
      what: "{ id, x, name }, both sides blocking",
      unit: "ns",
      of: "quipe.message",
      against: "post-message.message",
      ratio: "speed",
      reach: 10,
    },
    {
      what: "{ id, x, name }, against a ring written for them by hand",
      unit: "ns",
      of: "quipe.message",
      against: "bare-atomics.message",
      ratio: "cost",
    },
    {
      what: "{ id, x, name }, both sides asynchronous",
      unit: "ns",
      of: "quipe-async.message",
      against: "post-message.message",
      ratio: "speed",
      reach: 10,
    },
  ],
};

/** What is sent. */
export interface Item {
  readonly id: number;
  readonly x: number;
  readonly name: string;
}

/** Messages in one batch. */
export function messageCount({ quick }: Scale): number {
  return quick ? 2_000 : 20_000;
}

/** The `i`th message of a batch. */
export function makeItem(i: number): Item {
  return { id: i, x: i * 1.5, name: NAMES[i & 7] ?? "" };
}

/** What the receiver adds up for each message. */
export function weigh({ id, x, name }: Item): number {
  return id + x + name.length;
}

const NAMES = ["Oslo", "Bergen", "Trondheim", "Stavanger", "Drammen", "Tromsø", "Bodø", "Ålesund"];
