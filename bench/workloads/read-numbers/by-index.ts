import { freeze } from "../../../src/index.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { addByIndex, makeNumbers } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const plain = makeNumbers();
  return perOperation(plain.length, sideBySide({ plain, view: freeze(plain) }, addByIndex, 1000));
}
