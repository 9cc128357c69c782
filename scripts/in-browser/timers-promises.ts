/** What tests use of `node:timers/promises`, for browsers. */

/** Resolves after so many milliseconds, unless the signal is aborted before. */
async function later<T>(
  delayMs?: number,
  value?: T,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<T | undefined> {
  return await new Promise((resolve, reject) => {
    const refuse = (): void => {
      const error = new Error("The operation was aborted", { cause: signal?.reason });
      error.name = "AbortError";
      reject(error);
    };
    if (signal?.aborted === true) return refuse();
    signal?.addEventListener("abort", refuse);
    globalThis.setTimeout(() => resolve(value), delayMs);
  });
}

export { later as setTimeout };
