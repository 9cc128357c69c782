/**
 * Explores every program in test/model/programs but those about lanes and meetings, which have files of their own for the
 * time that they take.
 *
 * `QUIPE_EXPLORE_BOUND=4` raises the bound of pre-emptions of them all.
 * `QUIPE_SCHEDULE="module.program: 0*5 1*3"` runs one schedule of one program, whichever, and tells its steps.
 */
import { exploreModules, isReplay } from "./explored-programs.ts";
import { isAboutLanes, isAboutMeetings } from "./lane-modules.ts";

await exploreModules((module) => isReplay || !(isAboutLanes(module) || isAboutMeetings(module)));
