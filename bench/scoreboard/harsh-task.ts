/** One column of the board: what is done to a package, and what of the facts is wrong. */
import type { Call, CellFacts, Fact } from "./facts.ts";
import type { Stage } from "./stage.ts";

/** A task, and its judge. */
export interface HarshTask {
  /** The word that selects it. */
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  /** Why a package cannot be tried, or undefined; a feature that is not there is no failure. */
  readonly notOffered?: (stage: Stage) => string | undefined;
  /** Plays it, in a process of its own, and tells what happens. */
  readonly play: (stage: Stage) => Promise<void>;
  /** True if an ordinary call follows the harsh one. */
  readonly hasSecondCall: boolean;
  /** What is wrong with how the call ended. Hanging, and what comes after, is judged for all tasks alike. */
  readonly judge: (settled: Call, facts: CellFacts) => Problem[];
}

/** The words of the verdicts; docs/scoreboard.md says what each means. */
export type Problem =
  | "does not start"
  | "hangs"
  | "ends the program"
  | "class lost"
  | "code lost"
  | "cause lost"
  | "fields lost"
  | "message lost"
  | "reason lost"
  | "wrong value"
  | "loop goes on"
  | "loop goes on, and says so"
  | "half-written data"
  | "no second call"
  | "does not close"
  | "does not exit";

/** The fact of one step, if it was told. */
export function factOf<Step extends Fact["step"]>(
  { facts }: CellFacts,
  step: Step,
): Extract<Fact, { readonly step: Step }> | undefined {
  return facts.find((fact): fact is Extract<Fact, { readonly step: Step }> => fact.step === step);
}
