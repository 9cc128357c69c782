/**
 * What `quipe map` calls for each record: records come as text and results leave as lines of JSON, so that
 * parsing and printing are done here, on all tasks, and not on the main thread.
 */
import { isThenable } from "../pool/server.ts";
import { task } from "../task/entry.ts";
import { withoutStack } from "./source-record.ts";
import { loadUserFunction, type UserFunction } from "./user-module.ts";

/** What a record is when it arrives: text that is the record, text that is JSON, or the record itself. */
export type RecordForm = "text" | "json" | "value";

/** Everything that a task needs to know of its run. */
export interface RecordTaskPlan {
  readonly user: UserFunction;
  readonly form: RecordForm;
}

/** Gives a record's line; a promise of it if the user's function gives one. */
export type LineFunction = (value: unknown, number: number) => unknown;

/** Made once in each task of a run of the command. `shared` holds frozen objects by their names. */
export const makeLineFunction: (
  plan: RecordTaskPlan,
  shared: Readonly<Record<string, unknown>>,
) => Promise<LineFunction> = task(
  import.meta.url,
  async function makeLineFunction(
    plan: RecordTaskPlan,
    shared: Readonly<Record<string, unknown>>,
  ): Promise<LineFunction> {
    keepStandardOutputClean();
    const call = await loadUserFunction(plan.user);
    const names = Object.freeze({ ...shared });
    const parse = plan.form === "json" ? parseJson : (value: unknown): unknown => value;
    return (value, number) => {
      const result = call(parse(value), names, number);
      return isThenable(result) ? result.then(toJsonLine) : toJsonLine(result);
    };
  },
);

/** What the user's code prints goes to standard error: standard output is for results. */
function keepStandardOutputClean(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw withoutStack(new SyntaxError(`not JSON: ${why}`));
  }
}

/** Throws for what JSON cannot say; that is then the record's error. `undefined` becomes null. */
function toJsonLine(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text !== undefined) return text;
  if (value === undefined) return "null";
  throw new TypeError(`The function returned a ${typeof value}, which JSON cannot say.`);
}
