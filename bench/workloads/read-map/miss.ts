import { freeze } from "../../../src/index.ts";
import { makeWords } from "../../data/words.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { LOOKUPS, type Lookup, lookUp } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const all = makeWords(200_000);
  const words = all.slice(100_000, 200_000);
  const plain = new Map(all.slice(0, 100_000).map((word, i) => [word, i]));
  const view = freeze(plain);
  const subjects = { plain: { map: plain, words }, view: { map: view, words } };
  return perOperation(LOOKUPS, sideBySide<Lookup>(subjects, lookUp, 1500));
}
