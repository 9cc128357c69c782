/** fast-check for browsers, whose properties start from the seed of the run. */
import fastCheck from "fast-check";
import { process } from "./process-global.ts";

/** Shrinking a property that fails now and then would go on till the page is closed, and nobody would learn of the failure. */
const LIMIT_MS = 90_000;

const seed = Number(process.env["QUIPE_SEED"]);
fastCheck.configureGlobal({
  ...fastCheck.readConfigureGlobal(),
  ...(Number.isInteger(seed) ? { seed } : {}),
  interruptAfterTimeLimit: LIMIT_MS,
  markInterruptAsFailure: true,
});

export * from "fast-check";
export { fastCheck as default };
