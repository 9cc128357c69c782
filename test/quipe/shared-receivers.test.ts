/** Several tasks that receive from one end what they have to fetch first: who is inside stays inside meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { makeQuipe } from "../../src/quipe/quipe.ts";
import { spawn } from "../../src/task/spawn.ts";

const COUNT = 20;

for (const capacity of [0, 1, 16]) {
  test(`each of ${COUNT} frozen items goes to one of two tasks, once, with a capacity of ${capacity}`, async () => {
    for (let round = 0; round < 5; round++) {
      const [left, right] = makeQuipe<{ readonly n: number }, never>({ capacity });
      const receivers = Array.from({ length: 2 }, () =>
        spawn(
          async (end: typeof right) => {
            const received: number[] = [];
            for await (const { n } of end) received.push(n);
            return received;
          },
          [right.clone()],
        ),
      );
      right.close();
      for (let n = 0; n < COUNT; n++) await left.send(freeze({ n }));
      left.close();
      const received = (await Promise.all(receivers.map((task) => task.result))).flat();
      assert.deepEqual(
        received.sort((one, other) => one - other),
        Array.from({ length: COUNT }, (_, n) => n),
      );
    }
  });
}
