import { textOf } from "../facts.ts";
import type { HarshTask } from "../harsh-task.ts";
import { tell, watch } from "../stage.ts";
import { BROKEN } from "../workers/jobs.ts";

/** A module that throws while it loads. There is no second call: nothing can work. */
export const brokenModule: HarshTask = {
  name: "broken-module",
  title: "module does not load",
  hasSecondCall: false,
  async play({ contender, patienceMs }) {
    process.env[BROKEN] = "1";
    let close = async (): Promise<unknown> => undefined;
    const call = await watch(async () => {
      const caller = await contender.open({});
      close = () => caller.close();
      return await caller.call("ordinary");
    }, patienceMs);
    tell({ step: "settled", call });
    tell({ step: "closed", call: await watch(close, patienceMs) });
  },
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return textOf(call.error).includes("this module is broken") ? [] : ["reason lost"];
  },
};
