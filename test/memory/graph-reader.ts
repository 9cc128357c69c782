/** The task that reads frozen graphs for the tests of graphs: it is started once and compares them all. */
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";
import { collect } from "../collector.ts";
import { assertSameGraph } from "./same-graph.ts";

/** Frozen graphs, each with its plain twin. */
export type Comparisons = readonly (readonly [twin: unknown, frozen: unknown])[];

/** Compares what it receives, says what differs, and then no longer reads any of it. */
export const readGraphs = task(import.meta.url, async function readGraphs(): Promise<void> {
  while (await readOne()) await forget();
});

/** False when there are no more. A function of its own, so that nothing of it is held when it is over. */
async function readOne(): Promise<boolean> {
  const { quipe } = current();
  const received = await quipe.receive();
  if (received === "end") return false;
  await quipe.send(differences(received as Comparisons));
  return true;
}

/** What differs in each, or undefined. */
function differences(comparisons: Comparisons): (string | undefined)[] {
  return comparisons.map(([twin, frozen]) => {
    try {
      assertSameGraph(twin, frozen);
      return undefined;
    } catch (error) {
      return `in the reading task: ${(error as Error).message}`;
    }
  });
}

/** Views are held until the job is over and its pages have cooled; then collecting garbage ends the reading. */
async function forget(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 25));
  collect?.();
}
