/** The common course of most tasks: one harsh call, then an ordinary one. */
import type { JobName } from "../workers/jobs.ts";
import { finish, openReady, type Stage, tell, watch } from "../stage.ts";

/** What an error says that is about a thread which ended itself. */
export const EXITED = /exit ?code|exited|code:? 3/i;

/** Plays a job on a thread that has done an ordinary call before. */
export function oneCall(
  job: JobName,
  options?: { readonly memoryMb: number },
): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const caller = await openReady(stage, options);
    if (caller === undefined) return;
    tell({ step: "settled", call: await watch(() => caller.call(job), stage.patienceMs) });
    await finish(stage, caller);
  };
}
