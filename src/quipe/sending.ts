/** `sending`: an item on its way into an end, as a case of `select`. */
import { given } from "../errors.ts";
import type { Sent } from "../memory/shareable.ts";
import { type Case, type Chooser, type Selectable } from "./case.ts";
import { End } from "./end.ts";
import { SendCase } from "./end-case.ts";

/**
 * A case of {@link select} that sends `item` through `end`: ready when there is room, and when it is certain that
 * there will be none any more. The item is encoded when a select begins, so it is sent as it was then. If the case is not
 * chosen nothing was sent, and what {@link move} was to take along is the caller's again.
 *
 * Using it in a select throws `not-sendable` at once for an item that cannot be sent.
 *
 * @example
 * ```ts
 * import { select, sending, spawn } from "quipe";
 *
 * const adder = spawn(async () => {
 *   const { current } = await import("quipe");
 *   const end = current<number, number>().quipe;
 *   let sum = 0;
 *   for await (const n of end) await end.send((sum += n));
 * });
 * let last = 0;
 * for (let n = 1; last < 6; ) {
 *   const next = await select({ sum: adder.quipe, sent: sending(adder.quipe, n) });
 *   if (next.case === "sum") last = next.value as number;
 *   else n = Math.min(n + 1, 3);
 * }
 * console.log(last >= 6); // true
 * adder.quipe.close();
 * ```
 */
export function sending<Out, In, Item>(end: End<Out, In>, item: Sent<Out, Item>): Selectable<void> {
  if (!(end instanceof End))
    throw new TypeError(`Expected an end to send through, got ${given(end)}.`);
  return new Sending(end, item);
}

class Sending implements Selectable<void> {
  readonly #end: End;
  readonly #item: unknown;

  constructor(end: End, item: unknown) {
    this.#end = end;
    this.#item = item;
  }

  asCase(chooser: Chooser): Case<void> {
    return new SendCase(this.#end, this.#item, chooser);
  }
}
