/** Tasks that are sent shared data with `move`. */
import assert from "node:assert/strict";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { move } from "../../src/memory/move.ts";
import { compact } from "../../src/memory/settling.ts";
import { share } from "../../src/memory/share.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";
import { spawn } from "../../src/task/spawn.ts";

/** What goes to and fro. */
export interface Draft {
  count: number;
  names: string[];
  self?: Draft;
}

/** Settles when the task is cancelled. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    current().signal.addEventListener("abort", () => resolve());
  });
}

/** Adds to what it gets, and gives it back. */
export const extend: (draft: Draft) => Draft = task(
  import.meta.url,
  function extend(draft: Draft): Draft {
    draft.count += 1;
    draft.names.push("added");
    return move(draft);
  },
);

/** Sends back whatever comes, changed, until its end is closed. */
export const bounce: () => Promise<void> = task(
  import.meta.url,
  async function bounce(): Promise<void> {
    const end = current<Draft, Draft>().quipe;
    try {
      for await (const draft of end) {
        draft.count += 1;
        draft.names.push(`change ${draft.count}`);
        checkRegion((locate(draft) as Location).region);
        await end.send(move(draft));
      }
    } catch (error) {
      // Killed while it had a bounce of its own, a relay leaves nobody who could hear of that one's failure.
      const { code } = error as { readonly code?: string };
      if (code !== "peer-killed" && code !== "broken") throw error;
    }
  },
);

/** Sends whatever comes on to a task of its own, and back what that returns. */
export const relay: () => Promise<void> = task(
  import.meta.url,
  async function relay(): Promise<void> {
    const end = current<Draft, Draft>().quipe;
    const inner = spawn(bounce);
    for await (const draft of end) {
      await inner.quipe.send(move(draft));
      await end.send(move((await inner.quipe.receive()) as Draft));
    }
    inner.quipe.close();
    await inner.outcome;
  },
);

/** Tells how many different objects it finds, and whether the cycle is one. */
export const inspect: (draft: readonly Draft[]) => unknown[] = task(
  import.meta.url,
  function inspect(drafts: readonly Draft[]): unknown[] {
    const [first] = drafts;
    assert.ok(first);
    return [drafts.every((draft) => draft === first), first.self === first, first.count];
  },
);

/** Keeps what it gets, changes it, and waits to be killed. */
export const keep: (draft: Draft) => Promise<void> = task(
  import.meta.url,
  async function keep(draft: Draft): Promise<void> {
    draft.count = 99;
    const end = current<string>().quipe;
    await end.send("changed");
    await end.receive();
  },
);

/** Changes, freezes, thaws and compacts what it gets, again and again, until it is killed. */
export const churn: () => Promise<void> = task(
  import.meta.url,
  async function churn(): Promise<void> {
    const end = current<number, Draft>().quipe;
    let draft = await end.receive();
    for (let round = 0; ; round++) {
      for (let i = 0; i < 20; i++) {
        draft.count += 1;
        draft.names.push(`change ${draft.count}`);
      }
      if (round % 8 === 0) compact(draft);
      draft = tryThaw(freeze(draft));
      if (round % 64 === 0) await end.send(round);
    }
  },
);

/** Receives nothing, and waits to be killed. */
export const ignore: () => Promise<void> = task(
  import.meta.url,
  async function ignore(): Promise<void> {
    await current<string>().quipe.send("ready");
    await stopped();
  },
);

/** Closes its end at once and lives on. */
export const close: () => Promise<void> = task(
  import.meta.url,
  async function close(): Promise<void> {
    current().quipe.close();
    await stopped();
  },
);

/** Edits what it gets until its region was compacted several times, and waits to be killed. */
export const compactOften: (draft: Draft) => Promise<void> = task(
  import.meta.url,
  async function compactOften(draft: Draft): Promise<void> {
    const { region } = locate(draft) as Location;
    const end = current<string>().quipe;
    for (let i = 0; region.moves < 3; i++) draft.names[i % 10] = `a name of some length ${i}`;
    draft.names.length = 1;
    draft.names[0] = "last";
    await end.send("compacted");
    await end.receive();
  },
);

let left: Draft | undefined;

/** Leaves a view behind on its thread. */
export const leaveBehind: () => void = task(import.meta.url, function leaveBehind(): void {
  left = share({ count: 1, names: [] });
});

/** Uses what an earlier task on the same thread left behind. */
export const findLeft: () => string = task(import.meta.url, function findLeft(): string {
  if (left === undefined) return "another thread";
  try {
    return String(left.count);
  } catch (error) {
    return String((error as { code?: string }).code);
  }
});

/** Sends what it made, moved, in an item, then waits. */
export const offer: (pad: number) => Promise<void> = task(
  import.meta.url,
  async function offer(pad: number): Promise<void> {
    const draft = share<Draft>({ count: 1, names: Array.from({ length: pad }, (_, i) => `n${i}`) });
    await current<Draft>().quipe.send(move(draft));
    await stopped();
  },
);

/** Reads something frozen until it is told to end. */
export const read: (frozen: { readonly count: number }) => Promise<number> = task(
  import.meta.url,
  async function read(frozen: { readonly count: number }): Promise<number> {
    const end = current<number, string>().quipe;
    await end.send(frozen.count);
    await end.receive();
    return frozen.count;
  },
);

/** Freezes what it gets and hands that on by reference. */
export const freezeIt: (draft: Draft) => unknown = task(
  import.meta.url,
  function freezeIt(draft: Draft): unknown {
    draft.count += 1;
    return freeze(draft);
  },
);

/** Adds more than fits into the memory that it got, then waits. */
export const outgrow: (draft: Draft) => Promise<void> = task(
  import.meta.url,
  async function outgrow(draft: Draft): Promise<void> {
    while (draft.names.length < 40) draft.names.push(String(draft.names.length).repeat(400_000));
    await current<string>().quipe.send("grown");
    await stopped();
  },
);

/** Closes its end when it is cancelled, with everything unread, and lives on. */
export const closeWhenCancelled: () => Promise<void> = task(
  import.meta.url,
  async function closeWhenCancelled(): Promise<void> {
    const end = current<string>().quipe;
    await end.send("ready");
    await stopped();
    end.close();
    await new Promise(() => {});
  },
);
