/**
 * Loaded before a test file that uses fast-check: its properties start from the seed of the run, so
 * that one number runs everything again.
 */
import { configureGlobal, readConfigureGlobal } from "fast-check";

const seed = Number(process.env["QUIPE_SEED"]);
if (Number.isInteger(seed)) configureGlobal({ ...readConfigureGlobal(), seed });
