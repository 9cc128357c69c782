/** Tasks for tests that kill at random: each goes on until something ends it, or ends by itself in a certain way. */
import { freeze } from "../../../src/memory/freeze.ts";
import { share } from "../../../src/memory/share.ts";
import { tryThaw } from "../../../src/memory/thaw.ts";
import { nextTurn } from "../../../src/runtime/host.ts";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { spawn } from "../../../src/task/spawn.ts";
import { exitThread } from "../../exit-thread.ts";

/** Frozen rows to read. */
export interface Rows {
  readonly rows: readonly { readonly id: number; readonly name: string }[];
}

/** Reads frozen data again and again, and so has a pin in it. */
export const readForEver = task(import.meta.url, async function readForEver(data: Rows) {
  for (let turn = 1; ; turn++) {
    for (const { id, name } of data.rows)
      if (name !== `row ${id}`) throw new Error(`row ${id} is called ${name}`);
    current().checkpoint();
    if (turn % 64 === 0) await nextTurn();
  }
});

/** Edits, freezes and thaws data of its own. */
export const editForEver = task(import.meta.url, async function editForEver() {
  let draft = share({ count: 0, names: [] as string[] });
  for (;;) {
    draft.count += 1;
    draft.names.push(`change ${draft.count}`);
    if (draft.count % 8 === 0) draft = tryThaw(freeze(draft));
    if (draft.count % 64 !== 0) continue;
    draft.names.length = 0;
    current().checkpoint();
    await nextTurn();
  }
});

/** Does nothing until its spawner leaves. */
const stay = task(import.meta.url, async function stay(): Promise<void> {
  await current()
    .quipe.receive()
    .catch(() => {});
});

/** Has so many children at a time, and kills the eldest or lets it go. They leave when it does. */
export const raise = task(import.meta.url, async function raise(children: number) {
  const alive = [];
  for (let turn = 0; ; turn++) {
    const child = spawn(stay);
    void child.outcome; // its deadline is this task's, and its end no failure
    alive.push(child);
    if (alive.length <= children) continue;
    const eldest = alive.shift();
    if (turn % 2 === 0) await eldest?.kill("grown up");
    else {
      eldest?.quipe.close();
      await eldest?.outcome;
    }
  }
});

/** Ends by itself, after some turns of its loop. */
export const endAs = task(
  import.meta.url,
  async function endAs(how: "return" | "throw" | "exit" | "timer", turns: number) {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    if (how === "throw") throw new RangeError("as planned");
    if (how === "exit") await exitThread(3);
    if (how === "timer") setInterval(() => {}, 1);
    return how;
  },
);
