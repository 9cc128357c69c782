/** The garbage collector, for tests of what is dropped. */
import { runtimeName } from "../src/runtime/host.ts";
import { turnOrPause } from "./until.ts";

/** Collects garbage; undefined where a program may not start the collector. */
export const collect: (() => void) | undefined = collector();

/** As the reason for which tests that need it are skipped. */
export const withoutCollector: string | false =
  collect === undefined && "this runtime does not let a program start its collector [collector]";

function collector(): (() => void) | undefined {
  const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  if (runtimeName() === "browser") return (globalThis as { gc?: () => void }).gc;
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  return process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
}

/** Collects garbage until `isSo`, for so many rounds at most; says whether it is. */
export async function collectUntil(isSo: () => boolean, rounds: number): Promise<boolean> {
  for (let round = 0; round < rounds && !isSo(); round++) {
    collect?.();
    await turnOrPause(round);
  }
  return isSo();
}
