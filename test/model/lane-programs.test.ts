/** Explores the programs about lanes, as programs.test.ts does all others. */
import { exploreModules, isReplay } from "./explored-programs.ts";
import { isAboutLanes } from "./lane-modules.ts";

await exploreModules((module) => !isReplay && isAboutLanes(module));
