/**
 * `describe`: what is known about a value's place in memory, as one plain object.
 */
import { QuipeError } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { thisThread } from "../sync/thread.ts";
import { Guard } from "./guard.ts";
import { HEADER, STATE } from "./layout.ts";
import { locate } from "./location.ts";
import { slotsPinned } from "./pins.ts";
import { type NamesDescription, handleKindOf } from "./references.ts";
import { fetchRegion, referencedRegions, type Region } from "./region.ts";
import { ownerWordOf } from "./titles.ts";

/** What {@link describe} tells. */
export interface Description {
  /** Where the value lives: by itself, in ordinary memory, or in shared memory in the state that is named. */
  readonly state:
    | "value"
    | "ordinary"
    | "owned"
    | "frozen"
    | "frozen for ever"
    | "thawing"
    | "in flight"
    | "moved"
    | "abandoned"
    | "released"
    | "guarded"
    | "namespace"
    | "unavailable";
  /** The level at which it travels to another task, from 1, the best, to 9. */
  readonly level: number;
  /** Why not a better one, and what to do about it. */
  readonly advice: string;
  /** What is known of its shared memory. */
  readonly region?: RegionDescription;
  /** What is known of it if it is a namespace. */
  readonly names?: NamesDescription;
}

/** The shared memory of a value, as {@link describe} tells it. */
export interface RegionDescription {
  /** The number under which all tasks know it. */
  readonly id: number;
  /** Whether this task owns it, or is the heir to whom it was left. */
  readonly isMine: boolean;
  /** How many tasks read it, this one included if others may have come by it. */
  readonly readers: number;
  /** All its memory, and what of that holds nothing any more. */
  readonly bytes: number;
  readonly garbageBytes: number;
  /** Objects that were ever placed in it. */
  readonly objects: number;
  /** Other shared data that it refers to, by number. */
  readonly refersTo: readonly number[];
}

/**
 * Says where a value lives, in which state, how large it is, who reads it, and at which level it travels to
 * another task. Asks the reaper, in one short exchange, what has become of data that this task has moved away.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describe, freeze } from "quipe";
 *
 * const { state, level, region } = describe(freeze({ a: [1, 2] }));
 * assert.equal(state, "frozen");
 * assert.equal(level, 4);
 * assert.equal(region?.isMine, true);
 * ```
 */
export function describe(value: unknown): Description {
  if (typeof value === "function" || typeof value === "symbol") {
    return { state: "ordinary", level: 9, advice: "It cannot travel: keep it where it is." };
  }
  if (typeof value !== "object" || value === null) {
    return { state: "value", level: 1, advice: "There is nothing better: it is passed as it is." };
  }
  const guarded = Guard.blockOf(value);
  if (guarded !== undefined) return describeRegion(guarded.region);
  const location = locate(value);
  if (location !== undefined) return describeRegion(location.region);
  const kind = handleKindOf(value);
  if (kind?.describe !== undefined) return kind.describe(value);
  if (kind !== undefined) {
    return { state: "ordinary", level: 2, advice: "It is passed by reference, as it is." };
  }
  return {
    state: "ordinary",
    level: 3,
    advice: "It is copied for each task. freeze(it) once, and it is passed by reference.",
  };
}

function describeRegion(region: Region): Description {
  const words = wordsNow(region);
  const isMine = words[HEADER.OWNER] === ownerWordOf(thisThread().task);
  return {
    ...standingOf(region, words, isMine),
    region: {
      id: region.id,
      isMine,
      readers: slotsPinned(words).length,
      bytes: words.buffer.byteLength,
      garbageBytes: (words[HEADER.GARBAGE] as number) * 4,
      objects: words[HEADER.ORDINALS] as number,
      refersTo: referencedRegions(region).map(({ id }) => id),
    },
  };
}

/** The words of the region where it is now, also if that is with another task; what this task last knew if it is gone. */
function wordsNow(region: Region): Int32Array {
  if (region.loss !== "moved") return region.words;
  try {
    const words = new Int32Array(fetchRegion(region.id));
    if (words[HEADER.ID] === region.id) return words;
  } catch (error) {
    if (!(error instanceof QuipeError && error.code === "released")) throw error;
  }
  const words = region.words.slice();
  words[HEADER.STATE] = STATE.RELEASED;
  return words;
}

function standingOf({ loss }: Region, words: Int32Array, isMine: boolean): Standing {
  const state = load(words, HEADER.STATE);
  if (loss === undefined) return STANDING[state] ?? UNAVAILABLE;
  if (loss === "ended") return UNAVAILABLE;
  if (state === STATE.RELEASED || state === STATE.IN_FLIGHT) return STANDING[state] ?? MOVED;
  return state === STATE.ABANDONED && isMine ? ABANDONED : MOVED;
}

type Standing = Pick<Description, "state" | "level" | "advice">;

const UNAVAILABLE: Standing = {
  state: "unavailable",
  level: 9,
  advice: "It belonged to a task that has ended on this thread.",
};

const MOVED: Standing = {
  state: "moved",
  level: 9,
  advice: "It belongs to another task now. Use what that task sends back.",
};

const ABANDONED: Standing = {
  state: "abandoned",
  level: 9,
  advice: "Its owner died and left it to this task: thaw(it).",
};

const STANDING: Readonly<Record<number, Standing>> = {
  [STATE.OWNED]: {
    state: "owned",
    level: 7,
    advice:
      "It passes from owner to owner: send move(it). freeze(it), and every task may read it by reference.",
  },
  [STATE.FROZEN]: {
    state: "frozen",
    level: 4,
    advice: "It is passed by reference. Its readers are counted, because its owner may thaw it.",
  },
  [STATE.FROZEN_FOR_EVER]: {
    state: "frozen for ever",
    level: 2,
    advice:
      "It is passed by reference and can never change: there is nothing better for an object.",
  },
  [STATE.GUARDED]: {
    state: "guarded",
    level: 8,
    advice: "Send its guard: every task that has it may read and update, one after the other.",
  },
  [STATE.THAWING]: {
    state: "thawing",
    level: 9,
    advice: "Its owner waits for the last reader to leave, and meanwhile nobody may pass it on.",
  },
  [STATE.IN_FLIGHT]: {
    state: "in flight",
    level: 7,
    advice: "It is on its way to another task. If nobody receives it, thaw(it) takes it back.",
  },
  [STATE.RELEASED]: {
    state: "released",
    level: 9,
    advice: "Its memory was given back. Share or load it once more.",
  },
};
