/** Tasks that open scopes in scopes, and end in all ways there are, as told. */
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { type Scope, scope } from "../../../src/task/scope.ts";
import { shield } from "../../../src/task/shield.ts";
import { exitThread } from "../../exit-thread.ts";

/** What one task of a tree does, and what it starts. */
export interface Branch {
  /** `joined`: leaves its scope by hand; `open`: ends with it open. */
  readonly form: "function" | "joined" | "open";
  readonly policy: "all" | "settle" | "race";
  readonly end: "return" | "throw" | "wait" | "compute" | "exit" | "tidy";
  readonly timeoutMs: number;
  readonly children: readonly Branch[];
}

/** A task that does not listen is soon killed. */
const GRACE_MS = 20;

/** Starts what is below it, in a scope, and ends as told. */
export const grow = task(import.meta.url, async function grow(branch: Branch): Promise<string> {
  const { form, policy, timeoutMs } = branch;
  current().quipe.trySend("running");
  const options = { policy, timeoutMs, graceMs: GRACE_MS };
  const body = async (s: Scope): Promise<string> => {
    for (const child of branch.children) s.spawn(grow, [child]);
    return await endOf(branch);
  };
  if (form === "function") return await scope(body, options);
  const opened = scope(options);
  const result = await body(opened);
  if (form === "joined") await opened.join();
  return result;
});

async function endOf({ end }: Branch): Promise<string> {
  const { quipe } = current();
  switch (end) {
    case "return":
      return "returned";
    case "throw":
      throw new RangeError("a branch broke");
    case "exit":
      await exitThread(3);
      break;
    case "wait":
      await quipe.receive();
      break;
    case "compute":
      for (;;) current().checkpoint();
    case "tidy":
      await quipe.receive().catch(() => {});
      await shield(() => quipe.receive({ timeoutMs: 1 }), { timeoutMs: 5 });
  }
  return "went on";
}
