/**
 * `npm run bench [workload…] [--quick] [--json] [--list]`: side by side against the peers, ratios last.
 * The exit code is 1 if an answer was wrong or a competitor did not come to its end; a demand that is missed
 * is shown, and fails nothing, since it depends on the machine.
 */
import { parseArgs } from "node:util";
import { findWorkload, workloadNames } from "./harness/discovery.ts";
import { jsonLine, machineLine, summaryOf, tableOf, thisMachine } from "./harness/report.ts";
import { type Outcome, runWorkload } from "./harness/rounds.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const known = workloadNames();
const names = positionals.length === 0 ? known : known.filter(isWanted);
const unknown = positionals.filter((wanted) => !known.some((name) => name.startsWith(wanted)));
if (unknown.length > 0) {
  console.error(`No workload begins with ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  process.exit(2);
}
if (values.list) console.log(known.join("\n"));
else await run();

function isWanted(name: string): boolean {
  return positionals.some((wanted) => name.startsWith(wanted));
}

async function run(): Promise<void> {
  const machine = thisMachine();
  const outcomes: Outcome[] = [];
  const troubles: string[] = [];
  for (const name of names) {
    if (!values.json) process.stderr.write(`${name} …\n`);
    const results = await runWorkload(await findWorkload(name), { quick: values.quick });
    outcomes.push(...results.outcomes);
    troubles.push(...results.troubles);
    if (values.json)
      for (const outcome of results.outcomes) console.log(jsonLine(outcome, machine));
  }
  if (!values.json) {
    console.log(`${machineLine(machine)}${values.quick ? " · quick: the figures say little" : ""}`);
    console.log(tableOf(outcomes));
    console.log(summaryOf(outcomes));
  }
  for (const trouble of troubles) console.error(trouble);
  process.exitCode = troubles.length > 0 ? 1 : 0;
}
