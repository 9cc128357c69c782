import { freeze } from "../../../src/index.ts";
import { readBrowserData } from "../../data/browser-data.ts";
import { firstTouchMs, sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { walk } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const plain = readBrowserData(scale);
  const steady = sideBySide({ plain, view: freeze(plain) }, walk, 2000);
  const first = firstTouchMs(2, walk, () => freeze(plain));
  return { ...steady, figures: { ...steady.figures, first } };
}
