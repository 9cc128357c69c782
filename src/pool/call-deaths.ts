/** What a call fails with when its worker dies: the truth about that death. */
import { QuipeError } from "../errors.ts";
import type { Call } from "./call.ts";
import type { WorkerOutcome } from "./pool-worker.ts";

/** The error of a call whose worker died: while the call was at work, or with what it had moved there. */
export function deathOf({ label, isSpent }: Call, outcome: WorkerOutcome): QuipeError {
  const loss = isSpent ? ", with what was moved to it" : "";
  const cause = causeOf(outcome);
  if (outcome.kind === "killed" || outcome.kind === "cancelled") {
    const text = `${label} was lost${loss}: its task was ${outcome.kind}.`;
    return new QuipeError(outcome.kind, text, { cause: outcome.reason });
  }
  const why = cause instanceof Error ? cause.message : "it ended without an answer";
  return new QuipeError("crashed", `${label} killed its task${loss}: ${why}`, { cause });
}

/** What a worker died of, as one value to throw. */
export function causeOf(outcome: WorkerOutcome): unknown {
  switch (outcome.kind) {
    case "failed":
    case "crashed":
      return outcome.error;
    case "cancelled":
    case "killed":
      return new QuipeError(outcome.kind, `A worker was ${outcome.kind}.`, {
        cause: outcome.reason,
      });
    case "done":
      return new QuipeError("crashed", "A worker ended on its own.");
  }
}
