/** Sixty tasks that end at random; test/stress/random-kills.test.ts has thousands. */
import process from "node:process";
import { test } from "node:test";
import { runLives } from "./mortality.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);

test(`sixty tasks end at random (seed ${seed}): nobody hangs, nothing is left over`, async () => {
  await runLives(seed, 60);
});
