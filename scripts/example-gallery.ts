/**
 * Runs compiled examples in one process, one after the other, and notes what each of them has printed.
 *
 *   node dist/scripts/example-gallery.js NOTES EXAMPLE…
 *
 * An example is over when its module has been evaluated. Whatever it prints later, or from a task, is not noted here;
 * who wants to be sure of such an example runs it by itself.
 */
import { appendFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

/** A line of the notes: an example that ran to its end without an error, and what it printed. */
export interface GalleryNote {
  readonly compiled: string;
  readonly printed: string;
}

async function printedBy(compiled: string): Promise<string> {
  let printed = "";
  console.log = (...values: unknown[]): void => {
    printed += `${format(...values)}\n`;
  };
  await import(pathToFileURL(compiled).href);
  return printed;
}

const [notes = "", ...examples] = process.argv.slice(2);
for (const compiled of examples) {
  try {
    const note: GalleryNote = { compiled, printed: await printedBy(compiled) };
    appendFileSync(notes, `${JSON.stringify(note)}\n`);
  } catch {
    // It has no note then, and is run by itself, where its error is seen.
  }
}
