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
  const many = guard(
    Array.from({ length: OBJECTS }, (_, i) => new Point({ x: i + 0.5, y: i * 0.25 })),
  );
  // The objects are looked up once, as a loop that stores many times would; the log is written anew each time.
  const points = many.updateSync((list) => [...list]);
  let time = 0;
  const store = await leastBatchNs(OBJECTS, async () => {
    time++;
    many.updateSync(() => {
      for (let i = 0; i < OBJECTS; i++) (points[i] as Point).x = i + time * 0.5;
    });
  });
  const last = one.readSync((point) => point.x) + many.readSync((list) => list.at(1)?.y ?? 0);
  return { figures: { update, store }, checksum: last };
}
