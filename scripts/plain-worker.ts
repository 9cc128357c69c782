/**
 * A worker of the plain contender: it gets its own copy of the tree, then batches of lines, and answers
 * each batch with its lines of JSON.
 */
import { parentPort } from "node:worker_threads";
import { nearest } from "../examples/nearest.ts";
import type { PlaceTree } from "../examples/place-tree.ts";

/** What a plain worker is sent: first the data, then batches. */
export type ToPlainWorker =
  | { readonly kind: "data"; readonly tree: PlaceTree }
  | { readonly kind: "batch"; readonly number: number; readonly lines: readonly string[] };

/** What it answers: that it has the data, then the results of each batch. */
export type FromPlainWorker =
  | { readonly kind: "up" }
  | { readonly kind: "ready"; readonly name: string }
  | { readonly kind: "results"; readonly number: number; readonly text: string };

const port = parentPort;
if (port === null) throw new Error("This module runs in a worker.");
let atlas: PlaceTree | undefined;

port.on("message", (message: ToPlainWorker) => {
  if (message.kind === "data") {
    atlas = message.tree;
    port.postMessage({ kind: "ready", name: nameIn(atlas) } satisfies FromPlainWorker);
    return;
  }
  if (atlas === undefined) throw new Error("A batch came before the data.");
  const shared = { atlas };
  let text = "";
  for (const line of message.lines)
    text += `${JSON.stringify(nearest(JSON.parse(line), shared))}\n`;
  const results = { kind: "results", number: message.number, text } satisfies FromPlainWorker;
  port.postMessage(results);
});
port.postMessage({ kind: "up" } satisfies FromPlainWorker);

/** Reads something of the tree, as proof that it is there. */
function nameIn({ places }: PlaceTree): string {
  return places[0]?.name ?? "";
}
