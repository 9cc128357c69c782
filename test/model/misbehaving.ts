/** Threads that misbehave. Not among the programs: one takes an impatient explorer, one a runtime that can tell. */
import { load, waitAsync } from "../../src/runtime/atomics.ts";
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

export const unheardRejection: Program<"words"> = {
  claim: "a rejection that nobody handles fails the program",
  buffers: { words: 8 },
  threads: {
    async waiter(memory) {
      void Promise.reject(new Error("nobody listens"));
      await waitAsync(new Int32Array(memory.words), 0, 0, 10).value;
    },
  },
};
