/** What tests use of `node:timers/promises`, for browsers. */

/** Resolves after so many milliseconds. */
async function later(delayMs?: number): Promise<void> {
  await new Promise<void>((resolve) => {
    globalThis.setTimeout(resolve, delayMs);
  });
}

export { later as setTimeout };
