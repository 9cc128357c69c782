/** Waiting for names, until one is bound, or bound to something else: alone, or as cases of `select`. */
import type { Case, Selectable } from "../quipe/case.ts";
import { BlockedOn } from "../sync/board.ts";
import { thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, park } from "../sync/wait.ts";
import { type NameOf, type Namespace, handleOf } from "./namespace.ts";
import { type NamesBlock, chainOf, labelOf } from "./names-block.ts";
import { unwatchNames, watchNames } from "./versions.ts";

/**
 * Waits until a name is bound, and resolves with what it is bound to; at once if it is already. Rejects `timed-out`,
 * `cancelled`, or the signal's reason.
 *
 * @example
 * ```ts
 * import { namespace, whenBound } from "quipe";
 *
 * const names = namespace<{ result?: number }>();
 * const result = whenBound(names, "result");
 * names.result = 5;
 * console.log(await result); // 5
 * ```
 */
export async function whenBound<T extends object, Name extends NameOf<T>>(
  names: Namespace<T>,
  name: Name,
  options?: WaitOptions,
): Promise<Exclude<T[Name], undefined>> {
  const { block } = handleOf(names);
  const target = `${labelOf(block.id, name)} to be bound`;
  return waitFor(block, { name, target, isIt: () => true }, options) as Promise<
    Exclude<T[Name], undefined>
  >;
}

/**
 * Waits until a name is bound to something else than `seen`, and resolves with that; at once if it is already. A name
 * that is not bound is waited for. What it was bound to in between is not told.
 *
 * @example
 * ```ts
 * import { namespace, whenRebound } from "quipe";
 *
 * const names = namespace({ step: 1 });
 * const next = whenRebound(names, "step", names.step);
 * names.step = 2;
 * console.log(await next); // 2
 * ```
 */
export async function whenRebound<T extends object, Name extends NameOf<T>>(
  names: Namespace<T>,
  name: Name,
  seen: T[Name],
  options?: WaitOptions,
): Promise<T[Name]> {
  const { block } = handleOf(names);
  const target = `${labelOf(block.id, name)} to be bound to something else`;
  const isIt = (value: unknown): boolean => !Object.is(value, seen);
  return waitFor(block, { name, target, isIt }, options) as Promise<T[Name]>;
}

/**
 * A case of {@link select} that is ready when a name is bound; its value is what to. As {@link whenBound} in all else.
 *
 * @example
 * ```ts
 * import { after, bound, namespace, select } from "quipe";
 *
 * const names = namespace<{ result?: number }>();
 * const chosen = select({ found: bound(names, "result"), late: after(60_000) });
 * names.result = 5;
 * console.log((await chosen).case, (await chosen).value); // found 5
 * ```
 */
export function bound<T extends object, Name extends NameOf<T>>(
  names: Namespace<T>,
  name: Name,
): Selectable<Exclude<T[Name], undefined>> {
  return new NameSelectable(handleOf(names).block, name, () => true);
}

/**
 * A case of {@link select} that is ready when a name is bound to something else than `seen`. As {@link whenRebound} in
 * all else.
 *
 * @example
 * ```ts
 * import { namespace, rebound, selectSync } from "quipe";
 *
 * const names = namespace({ step: 1 });
 * const { step } = names;
 * names.step = 2;
 * console.log(selectSync({ next: rebound(names, "step", step) }).value); // 2
 * ```
 */
export function rebound<T extends object, Name extends NameOf<T>>(
  names: Namespace<T>,
  name: Name,
  seen: T[Name],
): Selectable<T[Name]> {
  return new NameSelectable(handleOf(names).block, name, (value) => !Object.is(value, seen));
}

interface Wanted {
  readonly name: string;
  readonly target: string;
  readonly isIt: (value: unknown) => boolean;
}

async function waitFor(
  block: NamesBlock,
  { name, target, isIt }: Wanted,
  options: WaitOptions | undefined,
): Promise<unknown> {
  const wait = new NameCase(block, name, isIt);
  const waitTarget: WaitTarget = { code: BlockedOn.other, text: target };
  let found: { readonly value: unknown } | undefined;
  try {
    await park(() => (found = wait.attempt()) !== undefined, waitTarget, options);
  } finally {
    wait.leave();
  }
  return found?.value;
}

class NameSelectable<Value> implements Selectable<Value> {
  readonly #block: NamesBlock;
  readonly #name: string;
  readonly #isIt: (value: unknown) => boolean;

  constructor(block: NamesBlock, name: string, isIt: (value: unknown) => boolean) {
    this.#block = block;
    this.#name = name;
    this.#isIt = isIt;
  }

  asCase(): Case<Value> {
    return new NameCase(this.#block, this.#name, this.#isIt);
  }
}

/** One wait for one name, which is watched from here on until it has been found, or left. */
class NameCase<Value> implements Case<Value> {
  readonly #block: NamesBlock;
  readonly #name: string;
  readonly #isIt: (value: unknown) => boolean;
  #unwatch: (() => void) | undefined;

  constructor(block: NamesBlock, name: string, isIt: (value: unknown) => boolean) {
    this.#block = block;
    this.#name = name;
    this.#isIt = isIt;
    this.#unwatch = watch(block);
  }

  attempt(): { readonly value: Value } | undefined {
    let isOver = true;
    try {
      const value = this.#look();
      isOver = value !== undefined;
      return value as { readonly value: Value } | undefined;
    } finally {
      if (isOver) this.leave();
    }
  }

  leave(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #look(): { readonly value: unknown } | undefined {
    if (this.#block.find(this.#name) === undefined) return undefined;
    const value: unknown = this.#block.read(this.#name);
    return this.#isIt(value) ? { value } : undefined;
  }
}

/** How many waits of this thread want to hear of changes. */
const watches = new WeakMap<NamesBlock, number>();

function watch(block: NamesBlock): () => void {
  const { slot } = thisThread().task;
  const chain = chainOf(block);
  for (const one of chain) one.assertHere();
  for (const one of chain) {
    const count = watches.get(one) ?? 0;
    watches.set(one, count + 1);
    if (count === 0) watchNames(one.words, slot);
  }
  return () => {
    for (const one of chain) {
      const count = (watches.get(one) ?? 1) - 1;
      watches.set(one, count);
      if (count === 0) unwatchNames(one.words, slot);
    }
  };
}
