/** A link of a chain of tasks. */
import { type End, type QuipeError, task } from "../../../src/index.ts";

/** Passes everything on with one added, and how the lane ended. */
export const relay = task(import.meta.url, async function relay(from: End, to: End): Promise<void> {
  try {
    for await (const item of from) await to.send((item as number) + 1);
    to.close();
  } catch (error) {
    to.close((error as QuipeError).cause);
  }
});
