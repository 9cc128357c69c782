import { f64, guard, struct } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { OBJECTS, UPDATES } from "./workload.ts";

class Point extends struct({ x: f64, y: f64 }) {}

export async function measure(): Promise<Sample> {
  const one = guard(new Point({ x: 0, y: 0 }));
  const update = await leastBatchNs(UPDATES, async () => {
    for (let i = 0; i < UPDATES; i++) {
      one.updateSync((point) => {
        point.x = i;
      });
    }
  });
  const many = guard(Array.from({ length: OBJECTS }, (_, i) => new Point({ x: i + 0.5, y: 0 })));
  // The objects are looked up once, as a loop that stores many times would; the log is written anew each time.
  const points = many.updateSync((list) => [...list]);
  const store = await leastBatchNs(OBJECTS, async () => {
    many.updateSync(() => {
      for (const point of points) point.x = point.y + 0.25;
    });
  });
  const last = one.readSync((point) => point.x) + many.readSync((list) => list.at(1)?.x ?? 0);
  return { figures: { update, store }, checksum: last };
}
