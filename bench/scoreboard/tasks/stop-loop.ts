import { textOf } from "../facts.ts";
import { type HarshTask, type Problem, factOf } from "../harsh-task.ts";
import { QUIET, finish, loopSeen, openReady, processorShare, tell, watch } from "../stage.ts";

/** An endless loop, stopped while it runs, in the package's own way. The processor must fall silent. */
export const stopLoop: HarshTask = {
  name: "stop-loop",
  title: "endless loop, aborted",
  hasSecondCall: true,
  async play(stage) {
    const { contender, patienceMs } = stage;
    const caller = await openReady(stage, { willAbort: true });
    if (caller === undefined) return;
    const controller = new AbortController();
    const began = process.cpuUsage();
    const call = watch(() => caller.call("loopForever", controller.signal), patienceMs * 2);
    await loopSeen(patienceMs);
    controller.abort();
    tell({ step: "settled", call: await call });
    const used = process.cpuUsage(began);
    const before = Math.round((used.user + used.system) / 1000);
    tell({ step: "processor", before, after: await processorShare() });
    if (contender.stopClosesCaller !== true) return await finish(stage, caller);
    const next = await contender.open({});
    await finish(stage, next);
  },
  judge(call, facts) {
    if (call.how !== "error") return ["wrong value"];
    const share = factOf(facts, "processor")?.after ?? Infinity;
    if (share < QUIET) return [];
    const saysSo = /could not be stopped/.test(textOf(call.error));
    const problem: Problem = saysSo ? "loop goes on, and says so" : "loop goes on";
    return [problem];
  },
};
