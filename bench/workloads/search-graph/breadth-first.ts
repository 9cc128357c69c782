import { freeze } from "../../../src/index.ts";
import { makeGraph } from "../../data/graph.ts";
import { sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { searchBreadthFirst } from "./workload.ts";

export async function measure({ quick }: Scale): Promise<Sample> {
  const plain = makeGraph(quick ? 5_000 : 100_000);
  return sideBySide({ plain, view: freeze(plain) }, searchBreadthFirst, 3000);
}
