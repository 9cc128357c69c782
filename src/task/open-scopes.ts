/**
 * The scopes of this thread's task that nobody has left yet, for the end of that task: the failures in them must
 * not be lost with it. As an inner scope is left with the outer one, so are these with their task.
 *
 *   the function of a task returns   they are left: it waits for their tasks, and fails as leaving throws
 *   it throws                        the same, but they are stopped first
 *   the program has nothing to do    they are left; what that throws is an unhandled rejection
 *
 * A scope with a body, or one that is being left, has a promise that tells of its failures; that one is only waited for.
 */
import { QuipeError, inWords } from "../errors.ts";
import { onIdleEnd } from "../runtime/host.ts";

/** Something that was thrown. */
interface Thrown {
  readonly error: unknown;
}

/** A scope that lies in no other. */
export interface OpenScope {
  /** Whether nobody has a promise that tells how it ends. */
  isForgotten(): boolean;
  /** Leaves it, stopped for what was thrown around it if that is so. */
  leave(thrown: Thrown | undefined): Promise<unknown>;
  /** Resolves when it is left. */
  left(): Promise<void>;
}

const open = new Set<OpenScope>();
let listening = false;

/** A scope was opened; returns what to call when it is left. */
export function noteOpen(scope: OpenScope): () => void {
  open.add(scope);
  if (!listening) onIdleEnd(leaveForgotten);
  listening = true;
  return () => open.delete(scope);
}

/** Calls the function of a task, and leaves the scopes that it has left open. */
export async function leavingScopes<R>(body: () => R): Promise<Awaited<R>> {
  let result: Awaited<R>;
  try {
    result = await body();
  } catch (error) {
    await leaveAll({ error });
    throw error;
  }
  if (open.size > 0) await leaveAll(undefined);
  return result;
}

/** Ends what scopes do for the task of this thread. */
export function forgetScopes(): void {
  open.clear();
}

async function leaveAll(thrown: Thrown | undefined): Promise<void> {
  const errors: unknown[] = [];
  for (const scope of open) {
    if (scope.isForgotten())
      await scope.leave(thrown).catch((error: unknown) => errors.push(error));
    else if (thrown === undefined) await scope.left();
  }
  const told = toTell(errors);
  if (told.length > 1) {
    const texts = told.map(inWords).join(" · ");
    throw new AggregateError(told, `Several scopes that were left open have failed: ${texts}`);
  }
  for (const error of told) throw error;
}

/** Each error once; that the task was cancelled, only if it is all there is. */
function toTell(errors: readonly unknown[]): unknown[] {
  const isCancel = (error: unknown): boolean =>
    error instanceof QuipeError && error.code === "cancelled";
  const failures = errors.filter((error) => !isCancel(error));
  return failures.length > 0 ? [...new Set(failures)] : errors.slice(0, 1);
}

function leaveForgotten(): void {
  for (const scope of open) if (scope.isForgotten()) void scope.leave(undefined);
}
