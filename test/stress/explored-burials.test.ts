/** The burial of a task in more schedules than `npm test` has time for. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { Explorer } from "../model/explorer.ts";
import { tellFailure } from "../model/telling.ts";

const bound = Number(process.env["QUIPE_EXPLORE_BOUND"] ?? 1);
const explorer = new Explorer();
after(() => explorer.close());

for (const [name, program] of await explorer.programsIn("burial")) {
  if (program.fails !== undefined) continue;
  test(`up to ${bound} pre-emptions: ${program.claim}`, async (t) => {
    const found = await explorer.explore("burial", name, { preemptions: bound });
    t.diagnostic(`${found.executions} schedules, ${found.kills} kills, ${found.steps} steps`);
    if (found.failure !== undefined)
      assert.fail(tellFailure(`burial.${name}`, found.failure, found.preemptions));
  });
}
