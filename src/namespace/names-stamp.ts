/** What makes a Proxy a handle of a namespace: private fields that no reflection sees. */
import { mayBeStamped, noteStamped, readStamp } from "../runtime/stamped-proxies.ts";
import { Returned } from "../memory/identity.ts";
import type { NamesBlock } from "./names-block.ts";

/** The private fields of a handle. */
export class NamesStamp extends Returned {
  readonly #block: NamesBlock;
  readonly #mayRebind: boolean;

  constructor(handle: object, block: NamesBlock, mayRebind: boolean) {
    super(handle);
    noteStamped(handle);
    this.#block = block;
    this.#mayRebind = mayRebind;
  }

  /** What `value` is a handle of, and with which right; undefined if it is none. */
  static of(
    value: object,
  ): { readonly block: NamesBlock; readonly mayRebind: boolean } | undefined {
    if (#block in value) return { block: value.#block, mayRebind: value.#mayRebind };
    if (!mayBeStamped(value)) return undefined;
    const handle = value as NamesStamp;
    return readStamp(() => ({ block: handle.#block, mayRebind: handle.#mayRebind }));
  }
}
