/** Explores every program to its own bound, also those that `npm test` cuts short. */
import process from "node:process";

process.env["QUIPE_EXPLORE_WHOLE"] = "1";
const { exploreModules, isReplay } = await import("../model/explored-programs.ts");

await exploreModules(() => !isReplay);
