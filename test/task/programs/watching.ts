/** Tasks for tests that are given handles of other tasks, or report what they do. */
import { threads } from "../../../src/runtime/host.ts";
import { move } from "../../../src/memory/move.ts";
import { plain, share } from "../../../src/memory/share.ts";
import { freeze } from "../../../src/memory/freeze.ts";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import type { Task } from "../../../src/task/handle.ts";
import { spawn } from "../../../src/task/spawn.ts";
import { throwTyped } from "./failures.ts";
import { awaitNothing } from "./lives.ts";

function codeOf(error: unknown): unknown {
  return (error as { code?: string }).code ?? String(error);
}

/** What a handle says of its task, in every way, in another thread. */
export const lookAt = task(import.meta.url, async function lookAt(other: Task) {
  const { outcome } = other;
  const ended = await outcome;
  const result = await other.result.then(
    (value) => ({ value }),
    (error: Error & { code?: string; cause?: unknown }) => ({
      name: error.constructor.name,
      code: error.code,
      message: error.message,
      hasSpawner: /spawned here .*\n.*handles\.test/.test(error.stack ?? ""),
    }),
  );
  const { kind } = ended;
  const sync = other.outcomeSync();
  const { state, name, blockedOn } = other;
  return { kind, result, isSame: sync === ended, state, name, blockedOn };
});

/** Tries what only the spawner may. */
export const tryQuipe = task(import.meta.url, async function tryQuipe(other: Task) {
  const codes: unknown[] = [];
  try {
    other.quipe.close();
  } catch (error) {
    codes.push(codeOf(error));
  }
  try {
    for await (const item of other) codes.push(item);
  } catch (error) {
    codes.push(codeOf(error));
  }
  return codes;
});

/** Receives handles and gives them back, saying which are the same. */
export const giveBack = task(import.meta.url, async function giveBack(first: Task, again: Task) {
  const { quipe } = current<unknown, Task>();
  const other = await quipe.receive();
  await quipe.send(first);
  return { areSame: first === again && first === other, handle: other };
});

/** Spawns a task and gives its handle away, by a message; then ends, or waits. */
export const lend = task(
  import.meta.url,
  async function lend(what: "fail" | "wait" | "waitThenFail" | "echo", end: "stay" | "leave") {
    const bodies = {
      fail: throwTyped,
      wait: awaitNothing,
      waitThenFail: failWhenTold,
      echo: seven,
    };
    const child = spawn<[], unknown>(bodies[what]);
    await current().quipe.send(child);
    if (end === "stay") await new Promise(() => {});
  },
);

const seven = task(import.meta.url, function seven() {
  return { seven: 7, frozen: freeze({ deep: [7] }) };
});

/** Waits for its spawner's end, and fails then. */
export const failWhenTold = task(import.meta.url, async function failWhenTold(): Promise<never> {
  await current()
    .quipe.receive()
    .catch(() => {});
  throw Object.assign(new RangeError("told so"), { code: "E_TOLD" });
});

/** Gives its result to its spawner alone. */
export const giveMoved = task(import.meta.url, function giveMoved() {
  return move(share({ list: [1, 2, 3] }));
});

/** Ends another task. */
export const end = task(import.meta.url, async function end(other: Task, how: "cancel" | "kill") {
  if (how === "kill") return other.kill("because");
  return other.cancel("because");
});

/** Does something to itself. */
export const withItself = task(
  import.meta.url,
  async function withItself(what: "result" | "outcome" | "resultSync" | "kill" | "cancel") {
    const me = await current<unknown, Task>().quipe.receive();
    if (what === "kill") await me.kill("enough of me");
    if (what === "cancel") me.cancel("enough of me");
    if (what === "resultSync") return codeOf(thrownBy(() => me.resultSync()));
    if (what === "result") return me.result.catch(codeOf);
    if (what === "outcome") return me.outcome.catch(codeOf);
    return current().quipe.receive();
  },
);

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

/** Reports so many numbers in a loop without a turn, then something frozen, and ends as told. */
export const reportMany = task(
  import.meta.url,
  async function reportMany(count: number, how: "return" | "throw" | "wait") {
    for (let i = 1; i <= count; i++) current().progress(i);
    current().progress({ last: freeze({ count }) });
    if (how === "throw") throw new RangeError("after reporting");
    if (how === "wait") await current().quipe.receive();
    return count;
  },
);

/** Reports what comes in. */
export const reportItems = task(import.meta.url, async function reportItems() {
  for await (const item of current().quipe) current().progress(item);
});

/** Reports what cannot be sent. */
export const reportBadly = task(import.meta.url, function reportBadly() {
  return codeOf(thrownBy(() => current().progress({ run: () => 1 })));
});

/** Follows another task to its end, and says what it was told. */
export const follow = task(import.meta.url, async function follow(other: Task) {
  const told: unknown[] = [];
  for await (const event of other.events) {
    if (event.kind === "progress") told.push(plain(event.value));
    else told.push(event.kind === "ended" ? event.outcome.kind : event.kind);
    if (told.length === 1) await current().quipe.send("following");
  }
  return told;
});

/** Waits in so many ways that somebody else can see it. */
export const waitFor = task(
  import.meta.url,
  async function waitFor(what: "quipe" | "quipeSync" | "task" | "timer", other?: Task) {
    current().quipe.sendSync("running");
    if (what === "quipe") await current().quipe.receive();
    if (what === "quipeSync") current().quipe.receiveSync();
    if (what === "task") await other?.result;
    if (what === "timer") await new Promise(() => {});
  },
);

/** Has a task that fails once this one has ended; nobody else knows of it. */
export const leaveBehind = task(
  import.meta.url,
  async function leaveBehind(how: "return" | "stay" | "lend") {
    const child = spawn(failWhenTold, [], { name: "left behind" });
    if (how === "lend") await spawn(ignore, [child]).result;
    await current().quipe.send("left");
    if (how === "stay") await new Promise(() => {});
  },
);

/** Has a task that fails because this one is killed. */
export const leaveListener = task(import.meta.url, async function leaveListener() {
  const child = spawn(waitFor, ["quipe"]);
  await child.quipe.receive();
  await current().quipe.send("left");
  await child.result;
});

const ignore = task(import.meta.url, function ignore(_handle: Task) {});

let kept: Task | undefined;

/** Leaves a handle, and a wait for it, to the next task on this thread. */
export const keep = task(import.meta.url, function keep(other: Task): number {
  kept = other;
  void other.outcome;
  return threads().threadId;
});

/** What comes of that handle: the codes of what each use of it throws. */
export const useKept = task(import.meta.url, async function useKept() {
  const uses = [
    () => kept?.outcome,
    () => kept?.result,
    () => kept?.kill(),
    async () => kept?.outcomeSync(),
    () => kept?.events[Symbol.asyncIterator]().next(),
  ];
  const codes: unknown[] = [];
  for (const use of uses) codes.push(await use()?.then(String, codeOf));
  return { thread: threads().threadId, codes };
});
