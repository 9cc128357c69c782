/** The burial of a task, and lanes that several tasks use, in more schedules than `npm test` has time for. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { Explorer } from "../model/explorer.ts";
import { tellFailure } from "../model/telling.ts";

const bound = Number(process.env["QUIPE_EXPLORE_BOUND"] ?? 1);
const explorer = await Explorer.start();
after(() => explorer.close());

const MODULES = [
  "burial",
  "claims",
  "turnstile",
  "shared-lanes",
  "rendezvous",
  "handles",
  "aborts",
  "select",
];

for (const module of MODULES) {
  for (const [name, program] of await explorer.programsIn(module)) {
    if (program.fails === undefined) explores(module, name, program.claim);
  }
}

function explores(module: string, name: string, claim: string): void {
  test(`up to ${bound} pre-emptions: ${claim}`, async (t) => {
    const found = await explorer.explore(module, name, { preemptions: bound });
    t.diagnostic(`${found.executions} schedules, ${found.kills} kills, ${found.steps} steps`);
    if (found.failure !== undefined)
      assert.fail(tellFailure(`${module}.${name}`, found.failure, found.preemptions));
  });
}
