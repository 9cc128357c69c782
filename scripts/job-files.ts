/**
 * The files of the main job, by which its parts in several processes talk.
 *
 *   places.json         the tree, as `quipe map --share` reads it
 *   positions.ndjson    200,000 positions
 *   answers-*.ndjson    what each contender found
 */
import { join } from "node:path";

/** The files of the main job in a folder of their own. */
export interface JobFiles {
  readonly tree: string;
  readonly positions: string;
  /** Where a contender puts its answers. */
  readonly answers: (contender: string) => string;
}

/** Where the files of the job lie in `folder`. */
export function jobFiles(folder: string): JobFiles {
  return {
    tree: join(folder, "places.json"),
    positions: join(folder, "positions.ndjson"),
    answers: (contender) => join(folder, `answers-${contender}.ndjson`),
  };
}
