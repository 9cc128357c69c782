/**
 * The name of a task where tools show names of code: stacks, profiles, the list of threads.
 *
 *   worker.ts ─▶ a function that is called like the task ─▶ the task's function ─▶ …
 *
 * Profilers show the name that a function has in its source text, so this one's text is made for each name. Below it
 * is all that the task does until its first `await`, and nothing of another task on the same thread.
 */

/** Longer names are cut off where they stand in a line with others. */
const LONGEST_NAME = 100;
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;

type Call = (body: () => unknown) => unknown;

/** The caller that was made last: threads are kept warm, often for tasks of one name. */
let last: { readonly name: string; readonly call: Call } | undefined;

/** A name as part of a line: without line breaks and what else is not to be shown, and not too long. */
export function nameInLine(name: string): string {
  return name.slice(0, LONGEST_NAME).replace(UNSAFE, " ");
}

/** Calls `body` below a frame that is called `name`. */
export function callBelowName(name: string, body: () => unknown): unknown {
  if (last?.name !== name) last = { name, call: callerNamed(nameInLine(name)) };
  return last.call(body);
}

function callerNamed(name: string): Call {
  const key = JSON.stringify(name);
  try {
    // A text of quipe's own, with the name as a string in it.
    // oxlint-disable-next-line typescript/no-implied-eval
    const caller = new Function(
      `return { ${key}(body) { return body(); } }[${key}];`,
    ) as () => Call;
    return caller();
  } catch {
    // Where code may not be made of text, stacks show the name and profiles do not.
    const callers: Record<string, Call> = { [name]: (body) => body() };
    return callers[name] ?? ((body) => body());
  }
}
