/**
 * The process in which one competitor does its work, once: `child.js MODULE [quick]`.
 * The last line on standard output is the sample.
 */
import type { Measure } from "./workload.ts";

const [module = "", scale] = process.argv.slice(2);
const { measure } = (await import(module)) as { readonly measure: Measure };
const sample = await measure({ quick: scale === "quick" });
process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit());
