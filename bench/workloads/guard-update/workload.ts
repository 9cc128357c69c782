/** One field changed under a guard that nobody else wants, and many fields changed in one update. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "update under a guard",
  rounds: 3,
  rows: [
    {
      what: "guard update of one field, against a bare compare-and-set lock",
      unit: "ns",
      of: "quipe.update",
      against: "bare-lock.update",
      ratio: "cost",
      atMost: 3,
    },
    {
      what: "struct store inside an update, against a plain store",
      unit: "ns",
      of: "quipe.store",
      against: "bare-lock.store",
      ratio: "cost",
      atMost: 3,
    },
  ],
};

/** Updates in one batch. */
export const UPDATES = 20_000;
/** Objects whose field is stored to in one update. */
export const OBJECTS = 20_000;
