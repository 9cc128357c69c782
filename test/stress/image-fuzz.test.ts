/**
 * Mutated images, half of them with the right hash and checksum: each is refused with a QuipeError or is a
 * graph that can be read to its end and saved again as the same bytes. `QUIPE_IMAGES` says how many.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze, load, QuipeError, save } from "../../src/index.ts";
import { forgetRegions } from "../../src/memory/region-table.ts";
import { Chance, mutated } from "../memory/image-mutations.ts";
import { samples } from "../memory/image-samples.ts";
import { walkWhole } from "../memory/whole-walk.ts";

const images = Number(process.env["QUIPE_IMAGES"] ?? 150_000);
const seed = Number(process.env["QUIPE_SEED"] ?? 1);

/** What one image may take, whatever it says; a thousand times what it takes as a rule. */
const LONGEST_MS = 5_000;

interface Tally {
  refused: number;
  read: number;
  codes: Map<string, number>;
}

async function tryImage(image: Uint8Array<ArrayBuffer>, tally: Tally): Promise<void> {
  let value: unknown;
  try {
    value = await load(image);
  } catch (error) {
    if (!(error instanceof QuipeError)) throw error;
    tally.refused++;
    tally.codes.set(error.code, (tally.codes.get(error.code) ?? 0) + 1);
    return;
  }
  tally.read++;
  try {
    walkWhole(value, image.length);
  } catch (error) {
    // A mutated name of a class is that of another class, which nobody registered.
    if (!(error instanceof QuipeError) || error.code !== "unsupported") throw error;
  }
  if (typeof value !== "object" || value === null) return;
  assert.deepStrictEqual(await save(value), image);
}

test("no image crashes, hangs or is read past its end", async (context) => {
  const sources = await Promise.all(samples().map(async ([, value]) => save(freeze(value))));
  const tally: Tally = { refused: 0, read: 0, codes: new Map() };
  let longestMs = 0;
  for (let i = 0; i < images; i++) {
    const chance = new Chance(Math.imul(seed, 0x9e3779b1) + i);
    const source = chance.pick(sources);
    const isForged = i % 2 === 0;
    const image = mutated(source, chance, isForged);
    const read = tally.read;
    const start = performance.now();
    try {
      await tryImage(image, tally);
    } catch (error) {
      throw new Error(`Image ${i} of seed ${seed} fails.`, { cause: error });
    }
    longestMs = Math.max(longestMs, performance.now() - start);
    assert.ok(longestMs < LONGEST_MS, `image ${i} of seed ${seed} took ${longestMs} ms`);
    const isSame = tally.read > read && !isForged;
    assert.ok(!isSame || Buffer.compare(image, source) === 0, `image ${i} is silently different`);
    if (i % 200 === 0) {
      forgetRegions();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  context.diagnostic(
    `seed ${seed}: ${images} images, ${tally.read} read, ${tally.refused} refused ` +
      `(${JSON.stringify(Object.fromEntries(tally.codes))}), longest ${longestMs.toFixed(1)} ms`,
  );
  assert.ok(tally.read > 0 && tally.refused > 0, "both must occur, or nothing was tried");
});
