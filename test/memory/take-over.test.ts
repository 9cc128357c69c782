/** What a dead owner left is taken over as it lies then, or refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER } from "../../src/memory/layout.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { move } from "../../src/memory/move.ts";
import { fetchRegion } from "../../src/memory/region.ts";
import { compact } from "../../src/memory/settling.ts";
import { plain, share } from "../../src/memory/share.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Draft, keep } from "./moving-tasks.ts";

test("what was compacted after it was marked arrives all the same, and goes to the heir compacted again", async () => {
  const draft = share({
    filler: Array.from({ length: 2_000 }, (_, i) => `filler ${i}`),
    part: [1, 2, 3],
  });
  const part = move(draft.part);
  draft.filler.length = 0;
  assert.ok(compact(draft) > 0);
  const keeper = spawn(
    async (list: number[]) => {
      const quipe = await import("quipe");
      list.push(4);
      quipe.compact(list);
      await quipe.current<string>().quipe.send(list.join());
      await quipe.current().quipe.receive();
    },
    [part],
  );
  assert.equal(await keeper.quipe.receive(), "1,2,3,4");
  await keeper.kill();
  assert.deepEqual(plain(tryThaw(draft)), { filler: [], part: [1, 2, 3, 4] });
});

test("what a killed owner left half changed is refused, loudly and as often as it is asked for", async () => {
  const draft = share<Draft>({ count: 1, names: [] });
  const keeper = spawn(keep, [move(draft)]);
  await keeper.quipe.receive();
  await keeper.kill();
  const words = new Int32Array(fetchRegion((locate(draft) as Location).region.id));
  const top = words[HEADER.TOP] as number;
  words[HEADER.TOP] = top + 1; // as a kill between two words might leave it
  for (let i = 0; i < 2; i++) {
    assert.throws(() => tryThaw(draft), { code: "killed", message: /half changed/ });
  }
  words[HEADER.TOP] = top;
  assert.equal(tryThaw(draft).count, 99);
});
