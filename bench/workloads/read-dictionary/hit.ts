import { freeze } from "../../../src/index.ts";
import { makeWords } from "../../data/words.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { LOOKUPS, lookUp } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const words = makeWords(2500);
  const plain = Object.fromEntries(words.map((word, i) => [word, i]));
  const view = freeze(plain);
  const subjects = { plain: { dictionary: plain, words }, view: { dictionary: view, words } };
  return perOperation(LOOKUPS, sideBySide(subjects, lookUp, 1000));
}
