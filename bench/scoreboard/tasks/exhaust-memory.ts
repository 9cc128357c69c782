import { textOf } from "../facts.ts";
import type { HarshTask } from "../harsh-task.ts";
import { oneCall } from "./one-call.ts";

/** A thread that may use 40 MB fills its heap. The caller is told of memory; the program goes on. */
export const exhaustMemory: HarshTask = {
  name: "exhaust-memory",
  title: "out of memory at 40 MB",
  hasSecondCall: true,
  notOffered({ contender }) {
    if (!contender.limitsMemory) return "takes no memory limit";
    if (process.versions.bun !== undefined) return "Bun ignores resourceLimits";
    const isDeno = process.versions["deno"] !== undefined;
    return isDeno
      ? "Deno tells nobody of a thread that ran out of memory in a callback"
      : undefined;
  },
  play: oneCall("exhaustMemory", { memoryMb: 40 }),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return /memory/i.test(textOf(call.error)) ? [] : ["reason lost"];
  },
};
