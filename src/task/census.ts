/** Asks the reaper what it keeps: for tests that count what deaths leave behind. */
import { BlockedOn } from "../sync/board.ts";
import type { Census } from "../sync/messages.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { park } from "../sync/wait.ts";
import { ensureReaper } from "./root.ts";

/** What the reaper keeps at the moment it is asked. */
export async function takeCensus(): Promise<Census> {
  ensureReaper();
  let answer: Census | undefined;
  onMessage("census", ({ census }) => (answer = census));
  tellReaper({ kind: "census", slot: thisThread().task.slot });
  await park(() => answer !== undefined, { code: BlockedOn.other, text: "the reaper's census" });
  return answer as unknown as Census;
}
