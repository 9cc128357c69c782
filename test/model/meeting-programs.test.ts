/** Explores the programs about tasks that meet, as programs.test.ts does all others. */
import { exploreModules, isReplay } from "./explored-programs.ts";
import { isAboutMeetings } from "./lane-modules.ts";

await exploreModules((module) => !isReplay && isAboutMeetings(module));
