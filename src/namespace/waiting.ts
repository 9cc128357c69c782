/** Waiting for names: until one is bound, or bound to something else. */
import { BlockedOn } from "../sync/board.ts";
import { thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, park } from "../sync/wait.ts";
import { type NameOf, type Namespace, handleOf } from "./namespace.ts";
import { type NamesBlock, labelOf } from "./names-block.ts";
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
  const done = watch(block);
  const waitTarget: WaitTarget = { code: BlockedOn.other, text: target };
  let found: unknown;
  const attempt = (): boolean => {
    if (block.find(name) === undefined) return false;
    found = block.read(name);
    return isIt(found);
  };
  try {
    await park(attempt, waitTarget, options);
  } finally {
    done();
  }
  return found;
}

/** How many waits of this thread want to hear of changes. */
const watches = new WeakMap<NamesBlock, number>();

function watch(block: NamesBlock): () => void {
  const { slot } = thisThread().task;
  const chain: NamesBlock[] = [];
  for (let one: NamesBlock | undefined = block; one !== undefined; one = one.parent) {
    one.assertHere();
    chain.push(one);
  }
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
