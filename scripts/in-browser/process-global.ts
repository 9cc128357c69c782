/** The little of `process` that tests and the packages that they use ask for, as bundlers give it to pages, too. */

/** Put here by the bundler: what random tests begin with. */
declare const QUIPE_SEED: string;

const scope = globalThis as { process?: unknown };

/** The stand-in. */
export const process: { readonly env: Readonly<Record<string, string>> } = {
  env: { QUIPE_SEED },
};

scope.process ??= process;
