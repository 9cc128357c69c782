/** fast-check for browsers, whose properties start from the seed of the run. */
import fastCheck from "fast-check";
import { process } from "./process-global.ts";

const seed = Number(process.env["QUIPE_SEED"]);
if (Number.isInteger(seed)) {
  fastCheck.configureGlobal({ ...fastCheck.readConfigureGlobal(), seed });
}

export * from "fast-check";
export { fastCheck as default };
