/** A thread that computes for ever. Not among the programs, because it takes an impatient explorer. */
import { load } from "../../src/runtime/atomics.ts";
import type { Program } from "./program.ts";

export const plainLoop: Program<"words"> = {
  claim: "a thread that never comes to another atomic operation is found out",
  buffers: { words: 8 },
  threads: {
    looper(memory) {
      const words = new Int32Array(memory.words);
      load(words, 0);
      while (words[1] === 0);
    },
  },
};
