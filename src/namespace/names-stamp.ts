/** What makes a Proxy a handle of a namespace: private fields that no reflection sees. */
import { mirrorOf, mirrorStamps } from "../runtime/stamped-proxies.ts";
import { Returned } from "../memory/identity.ts";
import type { NamesBlock } from "./names-block.ts";

/** What a handle is of, and with which right. */
export interface HandleOfNames {
  readonly block: NamesBlock;
  readonly mayRebind: boolean;
}

/** The private fields of a handle. */
export class NamesStamp extends Returned {
  readonly #block: NamesBlock;
  readonly #mayRebind: boolean;

  constructor(handle: object, block: NamesBlock, mayRebind: boolean) {
    super(handle);
    mirrorStamps(handle);
    const mirror = mirrorOf(handle);
    if (mirror !== undefined) mirror["names"] = { block, mayRebind } satisfies HandleOfNames;
    this.#block = block;
    this.#mayRebind = mayRebind;
  }

  /** What `value` is a handle of, and with which right; undefined if it is none. */
  static of(value: object): HandleOfNames | undefined {
    const mirror = mirrorOf(value);
    if (mirror !== undefined) return mirror["names"] as HandleOfNames | undefined;
    return #block in value ? { block: value.#block, mayRebind: value.#mayRebind } : undefined;
  }
}
