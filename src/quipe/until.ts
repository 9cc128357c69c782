/** `until`: what a guard holds, as a case of `select`. */
import { given } from "../errors.ts";
import type { Frozen } from "../memory/frozen.ts";
import { Guard } from "../memory/guard.ts";
import type { GuardBlock } from "../memory/guard-block.ts";
import { Condition } from "../memory/guard-watch.ts";
import type { InsideFunction } from "../memory/update.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import type { Case, Chooser, Selectable } from "./case.ts";

/**
 * A case of {@link select} that is ready when `predicate` holds for what `guarded` holds; its value is what the predicate
 * returned. As with `guarded.until`, the predicate is asked at once and again after each update by any task, it may only
 * read, and others may have changed the data by the time the caller goes on. An error that it throws is the result.
 *
 * Using it in a select inside a guard throws `deadlock`.
 *
 * @example
 * ```ts
 * import { after, guard, select, until } from "quipe";
 *
 * const stock = guard({ pears: 0 });
 * const chosen = select({
 *   enough: until(stock, (it) => it.pears >= 3 && it.pears),
 *   late: after(60_000),
 * });
 * await stock.update((it) => (it.pears += 4));
 * console.log((await chosen).case, (await chosen).value); // enough 4
 * ```
 */
export function until<T, R>(
  guarded: Guard<T>,
  predicate: (data: Frozen<T>) => R,
): Selectable<Exclude<R, false | 0 | 0n | "" | null | undefined>> {
  const block =
    typeof guarded === "object" && guarded !== null ? Guard.blockOf(guarded) : undefined;
  if (block === undefined)
    throw new TypeError(`Expected a guard to wait for, got ${given(guarded)}.`);
  if (typeof predicate !== "function") {
    throw new TypeError(`Expected \`predicate\` to be a function, got ${given(predicate)}.`);
  }
  return new Until(block, predicate as InsideFunction);
}

class Until<Value> implements Selectable<Value> {
  readonly #block: GuardBlock;
  readonly #predicate: InsideFunction;

  constructor(block: GuardBlock, predicate: InsideFunction) {
    this.#block = block;
    this.#predicate = predicate;
  }

  asCase({ blocks }: Chooser): Case<Value> {
    return new UntilCase(new Condition(this.#block, this.#predicate, blocks));
  }
}

class UntilCase<Value> implements Case<Value> {
  readonly #condition: Condition;

  constructor(condition: Condition) {
    this.#condition = condition;
  }

  attempt(): { readonly value: Value } | undefined {
    try {
      const found = this.#condition.look();
      if (found !== undefined) this.leave();
      return found as { readonly value: Value } | undefined;
    } catch (error) {
      if (!isOnItsWay(error)) this.leave();
      throw error;
    }
  }

  leave(): void {
    this.#condition.leave();
  }
}
