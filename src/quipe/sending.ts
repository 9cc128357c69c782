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
 * const count = async (): Promise<number> => {
 *   const { current } = await import("quipe");
 *   let items = 0;
 *   for await (const _ of current().quipe) items += 1;
 *   return items;
 * };
 * const [one, other] = [spawn(count), spawn(count)];
 * for (let n = 0; n < 200; n++) {
 *   await select({ one: sending(one.quipe, n), other: sending(other.quipe, n) });
 * }
 * for (const { quipe } of [one, other]) quipe.close();
 * console.log((await one.result) + (await other.result)); // 200
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
    return new SendCase(End.insideOf(this.#end), this.#item, chooser);
  }
}
