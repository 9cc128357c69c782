/** A region is read by reference in another thread. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { freeze } from "../../src/memory/freeze.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { openRegion, referencedRegions } from "../../src/memory/region.ts";
import { viewAt } from "../../src/memory/views.ts";

interface Reply {
  readonly copy: unknown;
  readonly json: string;
  readonly refused: string;
  readonly isSame: boolean;
}

test("another thread reads the same content, and cannot write", async () => {
  const other = freeze({ inside: "another region", list: [1.5, 2] });
  const twin: Record<string, unknown> = {
    tree: { a: [1, "two", { three: 3 }], b: "日本", c: null },
    rows: Array.from({ length: 1_000 }, (_, i) => ({ id: i, name: `n${i % 7}`, at: i / 3 })),
    other: { inside: "another region", list: [1.5, 2] },
  };
  twin["self"] = twin;
  const source: Record<string, unknown> = { ...twin, other };
  source["self"] = source;
  const location = locate(freeze(source)) as Location;
  const { region } = location;
  const worker = new Worker(new URL("./reading-worker.js", import.meta.url));
  worker.postMessage([region.buffer, ...referencedRegions(region).map(({ buffer }) => buffer)]);
  const [reply] = (await once(worker, "message")) as [Reply];
  await worker.terminate();
  assert.deepStrictEqual(reply.copy, twin);
  assert.equal(reply.json, JSON.stringify(twin["tree"]));
  assert.equal(reply.refused, "TypeError");
  assert.ok(reply.isSame);
});

test("an object is found again by its region and address, and opening a buffer twice gives one region", () => {
  const view = freeze({ a: { b: [1, { c: 2 }] } });
  const inner = view.a.b[1] as object;
  const { region, address } = locate(inner) as Location;
  assert.equal(viewAt(region, address), inner);
  assert.equal(openRegion(region.buffer), region);
  assert.equal(locate({}), undefined);
});
