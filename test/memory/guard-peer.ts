/** The task that looks at guarded data after each step of the tests of undone updates, and changes it in its turn. */
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";
import type { Guard } from "../../src/memory/guard.ts";
import type { Data } from "./random-edits.ts";
import { assertSameGraph } from "./same-graph.ts";

/** What the task is asked to do: compare, then change. */
export interface Turn {
  readonly guarded: Guard<Data>;
  readonly twin: Data;
  readonly number: number;
}

/** What the task does to the data, and the test to its twin. */
export function change(data: Data, number: number): void {
  data.list.push(`turn ${number}`, "ü".repeat(number % 7), number % 3 === 0 ? number : null);
  data.record[`turn ${number % 4}`] = { deep: [number, { [`key ${number}`]: true }] };
  if (!data.map.delete(number - 2)) data.map.set(number, new Date(number));
  data.set.add(number % 5);
  data.rows.push({ id: number, name: `row ${number % 2}`, parent: data.rows[0] });
}

/** Works until it is told "end". */
export const takeTurns = task(import.meta.url, async function takeTurns(): Promise<void> {
  const { quipe } = current();
  for (;;) {
    const turn = await quipe.receive();
    if (turn === "end") return;
    await quipe.send(take(turn as Turn));
  }
});

/** Says what is wrong, if anything. */
function take({ guarded, twin, number }: Turn): string | undefined {
  try {
    guarded.readSync((data) => assertSameGraph(twin, data));
    spoil(guarded, number);
    guarded.updateSync((data) => {
      assertSameGraph(twin, data);
      change(data, number);
    });
    return undefined;
  } catch (error) {
    return `in the other task: ${(error as Error).message}`;
  }
}

function spoil(guarded: Guard<Data>, number: number): void {
  try {
    guarded.updateSync((data) => {
      change(data, number + 1_000);
      data.list.length = 0;
      throw new RangeError("spoilt on purpose");
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
