/** Names of a namespace, read a million times while nothing changes, beside properties of a plain object. */
import { namespace, reader } from "../../../src/index.ts";
import type { Subjects } from "../../harness/timing.ts";
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "names",
  rounds: 3,
  rows: [
    {
      what: "name of a namespace, by reader(names)",
      unit: "ns",
      of: "reader.view",
      against: "reader.plain",
      ratio: "cost",
      reach: 5,
    },
    {
      what: "name of a namespace, by names.x, which is a Proxy",
      unit: "ns",
      of: "proxy.view",
      against: "proxy.plain",
      ratio: "cost",
    },
  ],
};

/** What the names are bound to. */
export interface Rates {
  readonly low: number;
  readonly high: number;
  readonly name: string;
}

/** Reads of one job. */
export const READS = 1_000_000;

const rates: Rates = { low: 2, high: 3, name: "of the day" };

/** The names, and an ordinary object that the loop writes to. */
export interface Reading {
  readonly names: Rates;
  readonly scratch: { low: number; high: number; name: string };
}

/** A plain object, and the accessors of a namespace. */
export function readerAndPlain(): Subjects<Reading> {
  return { plain: reading({ ...rates }), view: reading(reader(namespace<Rates>(rates))) };
}

/** A plain object, and a namespace itself. */
export function namesAndPlain(): Subjects<Reading> {
  return { plain: reading({ ...rates }), view: reading(namespace<Rates>(rates)) };
}

/**
 * Reads a name again and again. Without a write to an object of the same shape the engine would read the plain one
 * once, before the loop.
 */
export function readNames({ names, scratch }: Reading): number {
  let sum = 0;
  for (let i = 0; i < 1_000_000; i++) {
    scratch.low = i;
    sum += names.low;
  }
  return sum;
}

function reading(names: Rates): Reading {
  return { names, scratch: { ...rates } };
}
