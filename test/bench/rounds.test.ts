/** The bench harness tells met from missed, and never lets a wrong answer pass as a fast one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Found } from "../../bench/harness/discovery.ts";
import { type Results, runWorkload } from "../../bench/harness/rounds.ts";
import type { Row } from "../../bench/harness/workload.ts";

const runtime = process.versions.bun ?? process.versions["deno"];
const skip =
  runtime === undefined
    ? false
    : "the harness starts its children with Node's own options [command]";

const ROW: Row = {
  what: "work",
  unit: "ns",
  of: "mine.cost",
  against: "other.cost",
  ratio: "cost",
};

function run(row: Row, bodies: Readonly<Record<string, string>>): Promise<Results> {
  const competitors = Object.entries(bodies).map(([name, body]) => ({
    name,
    module: `data:text/javascript,export async function measure() { ${body} }`,
  }));
  const found: Found = { name: "fake", workload: { title: "fake", rows: [row] }, competitors };
  return runWorkload(found, { quick: true });
}

function costing(cost: number, checksum = 1): string {
  return `return { figures: { cost: ${cost} }, checksum: ${checksum} };`;
}

test("a ratio within its reach is met, one beyond it is missed", { skip }, async () => {
  const bodies = { mine: costing(30), other: costing(20) };
  const met = await run({ ...ROW, reach: 1.5 }, bodies);
  assert.deepEqual(
    met.outcomes.map(({ ratio, verdict }) => [ratio, verdict]),
    [[1.5, "met"]],
  );
  const missed = await run({ ...ROW, reach: 1.4 }, bodies);
  assert.equal(missed.outcomes[0]?.verdict, "missed");
  const speed = await run({ ...ROW, ratio: "speed", reach: 2 }, bodies);
  assert.equal(speed.outcomes[0]?.verdict, "missed");
});

test("a figure beyond its own limit is missed, however good its ratio", { skip }, async () => {
  const bodies = { mine: costing(30), other: costing(3000) };
  const { outcomes } = await run({ ...ROW, reach: 0.5, atMost: 20 }, bodies);
  assert.equal(outcomes[0]?.verdict, "missed");
});

test(
  "competitors that come to different answers are wrong, whatever their speed",
  { skip },
  async () => {
    const bodies = { mine: costing(1, 1), other: costing(100, 2) };
    const { outcomes, troubles } = await run({ ...ROW, reach: 1 }, bodies);
    assert.equal(outcomes[0]?.verdict, "wrong");
    assert.match(troubles.join(), /answers differ \(mine: 1; other: 2\)/);
  },
);

test("a competitor that saw a wrong answer itself is wrong", { skip }, async () => {
  const mine = 'return { figures: { cost: 1 }, checksum: 1, wrong: "3 became 4" };';
  const { outcomes, troubles } = await run({ ...ROW, reach: 1 }, { mine, other: costing(2) });
  assert.equal(outcomes[0]?.verdict, "wrong");
  assert.match(troubles.join(), /3 became 4/);
});

test(
  "a competitor that does not come to its end gives no figure, and says why",
  { skip },
  async () => {
    const mine = 'throw new Error("no such luck");';
    const { outcomes, troubles } = await run({ ...ROW, reach: 1 }, { mine, other: costing(2) });
    assert.equal(outcomes[0]?.figures, undefined);
    assert.equal(outcomes[0]?.verdict, "wrong");
    assert.match(troubles.join(), /no such luck/);
  },
);
