/**
 * Namespaces as programs use them: objects whose properties are the names.
 *
 *   namespace(values) ─▶ names ─ send it ─▶ the same names in every task
 *                         ├ names.x          the newest binding
 *                         ├ names.x = v      by the creator, or by who has rebindable(names)
 *                         └ lock(names, "x") from here on nobody rebinds x (locks.ts)
 */
import { HANDLE_KIND, type HandleDescription, letTravel, ticketFor } from "../memory/references.ts";
import type { Shareable } from "../memory/shareable.ts";
import { type Handle, change, notCreator } from "./draft.ts";
import { type NamesBlock, allNames, createNames, openNames } from "./names-block.ts";
import { NAMES } from "./names-layout.ts";
import { NamesStamp } from "./names-stamp.ts";

declare const namesBrand: unique symbol;

/**
 * A namespace with names of these types. It is read and written like a plain object.
 *
 * @example
 * ```ts
 * import { type Namespace, namespace, spawn } from "quipe";
 *
 * const rates = namespace({ low: 2, high: 3 });
 * const sum = (names: Namespace<{ low: number; high: number }>) => names.low + names.high;
 * console.log(await spawn(sum, [rates]).result); // 5
 * ```
 */
export type Namespace<T extends object = Record<string, unknown>> = T & {
  readonly [namesBrand]: true;
};

/** The names of a namespace of this type. */
export type NameOf<T extends object> = keyof T & string;

/**
 * Makes a namespace: names bound to what every task can read, which is sent as one value, by reference. Reading
 * `names.x` gives what x is bound to now, in whatever task; a name that is not bound throws `unbound-name`.
 *
 * This task is its creator: it alone binds new names (`names.x = value`), removes them (`delete names.x`), locks and
 * unlocks them. Other tasks read, and rebind if they were sent {@link rebindable}. If the creator ends, everything is
 * locked, readers go on, and its heir, the task that spawned it, may `adopt` it.
 *
 * Names can be bound to primitives, frozen data, guards, handles of tasks and other namespaces. Anything else is refused with
 * `not-shareable` and its path, and then nothing has changed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, lock, namespace, spawn } from "quipe";
 *
 * const names = namespace({ towns: freeze(["Oslo", "Narvik"]), rate: 2 });
 * lock(names, "towns");
 * names.rate = 3;
 * assert.throws(() => (names.towns = freeze([])), { code: "name-locked" });
 * const count = spawn((given: typeof names) => given.towns.length * given.rate, [names]);
 * console.log(await count.result); // 6
 * ```
 */
export function namespace<T extends object = Record<string, unknown>>(
  initial?: Shareable<T>,
): Namespace<T> {
  return withNames(createNames(undefined), initial) as Namespace<T>;
}

/**
 * Makes a namespace that reads through to `names` and binds in itself, as local variables do over global ones. This task
 * is its creator, whoever made `names`, and may also bind names that are bound there, even if they are locked there.
 *
 * @example
 * ```ts
 * import { child, namespace } from "quipe";
 *
 * const settings = namespace({ lines: 20, color: "blue" });
 * const mine = child(settings, { color: "red" });
 * settings.lines = 25;
 * console.log(mine.lines, mine.color, settings.color); // 25 red blue
 * ```
 */
export function child<T extends object, Own extends object = object>(
  names: Namespace<T>,
  initial?: Shareable<Own>,
): Namespace<Omit<T, keyof Own> & Own> {
  const { block } = handleOf(names);
  block.assertHere();
  return withNames(createNames(block), initial) as Namespace<Omit<T, keyof Own> & Own>;
}

/**
 * The same namespace, for a task that may rebind its names: send this instead of `names`. Whoever has it rebinds what is
 * bound and not locked, and hands the right on; names are still added, removed and locked by the creator alone. Throws
 * `not-creator` in a task that has not got the right itself.
 *
 * @example
 * ```ts
 * import { namespace, rebindable, spawn } from "quipe";
 *
 * const names = namespace({ best: 0 });
 * await spawn((given: typeof names) => {
 *   given.best = 7;
 * }, [rebindable(names)]).result;
 * console.log(names.best); // 7
 * ```
 */
export function rebindable<T extends object>(names: Namespace<T>): Namespace<T> {
  const { block, mayRebind } = handleOf(names);
  if (!mayRebind && !block.isMine) throw notCreator(block, "hand on the right to rebind its names");
  return viewOf(block, true) as Namespace<T>;
}

/** Whether `value` is a namespace. */
export function isNames(value: unknown): value is object {
  return typeof value === "object" && value !== null && NamesStamp.of(value) !== undefined;
}

/** What `names` is a handle of. Throws `TypeError` for anything else. */
export function handleOf(names: unknown): Handle {
  const stamp = typeof names === "object" && names !== null ? NamesStamp.of(names) : undefined;
  if (stamp !== undefined) return stamp;
  throw new TypeError("Expected a namespace, as namespace({ … }) makes it.");
}

/** Makes namespaces known to messages on this thread. */
export function letNamesTravel(): void {
  for (const mayRebind of [false, true]) {
    letTravel({
      code: mayRebind ? HANDLE_KIND.rebindableNames : HANDLE_KIND.names,
      isMoved: false,
      isBindable: true,
      isOne: (value) => NamesStamp.of(value)?.mayRebind === mayRebind,
      ticketOf(names) {
        const { block } = handleOf(names);
        block.assertHere();
        block.publishAll();
        return ticketFor(block.id);
      },
      open: ([id]) => viewOf(openNames(id as number), mayRebind),
      describe: (names) => describeNames(handleOf(names)),
    });
  }
}

const plainViews = new WeakMap<NamesBlock, object>();
const rebindableViews = new WeakMap<NamesBlock, object>();

/** The object that programs have: the same one each time in one thread. */
function viewOf(block: NamesBlock, mayRebind: boolean): object {
  const views = mayRebind ? rebindableViews : plainViews;
  let view = views.get(block);
  if (view === undefined) {
    view = new Proxy<object>(new Names(), new NamesHandler(block, mayRebind));
    new NamesStamp(view, block, mayRebind);
    views.set(block, view);
  }
  return view;
}

function withNames(block: NamesBlock, initial: object | undefined): object {
  letNamesTravel();
  const names = viewOf(block, false);
  if (initial !== undefined) {
    if (typeof initial !== "object" || initial === null || Array.isArray(initial)) {
      throw new TypeError("Expected an object with the names: namespace({ rate: 2 }).");
    }
    const entries = Object.entries(initial);
    change({ block, mayRebind: false }, (draft) => {
      for (const [name, value] of entries) draft.bind(name, value);
    });
  }
  return names;
}

/** What lies behind the Proxy; consoles look at it, past the traps, and call this with the Proxy. */
class Names {
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const block = NamesStamp.of(this)?.block;
    return block === undefined
      ? "a namespace"
      : `namespace ${block.id} { ${allNames(block).join(", ")} }`;
  }
}

/** What promises and JSON ask any object for; a namespace has it only if it is bound. */
const ASKED_OF_ALL: ReadonlySet<string> = new Set(["then", "toJSON"]);

/** A constant of this module, which engines read in no time; those of other modules they look up. */
const VERSION = NAMES.VERSION;

class NamesHandler implements ProxyHandler<object> {
  readonly #handle: Handle;
  readonly #block: NamesBlock;

  constructor(block: NamesBlock, mayRebind: boolean) {
    this.#block = block;
    this.#handle = { block, mayRebind };
  }

  get(target: object, key: string | symbol): unknown {
    const block = this.#block;
    if (typeof key === "symbol") return Reflect.get(target, key) as unknown;
    // No atomic operation while nothing changes: versions.ts says why this is the newest.
    if (block.words[VERSION] === block.seen) {
      const binding = block.table.bindings.get(key);
      if (binding?.liveness.live === true) return binding.value;
    }
    if (ASKED_OF_ALL.has(key) && block.find(key) === undefined) return undefined;
    return block.read(key);
  }

  set(_target: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    const isMine = typeof receiver === "object" && receiver !== null && isNames(receiver);
    if (typeof key === "symbol" || !isMine) throw refusal("given other properties than names");
    change(this.#handle, (draft) => draft.bind(key, value));
    return true;
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    if (typeof key === "symbol") return true;
    change(this.#handle, (draft) => draft.remove(key));
    return true;
  }

  has(_target: object, key: string | symbol): boolean {
    return typeof key === "string" && this.#block.find(key) !== undefined;
  }

  ownKeys(): string[] {
    return allNames(this.#block);
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const found = typeof key === "string" ? this.#block.find(key) : undefined;
    if (found === undefined) return undefined;
    const { binding, block } = found;
    const isFree = block === this.#block && !block.isLocked(binding);
    const mayWrite = isFree && (block.isMine || this.#handle.mayRebind);
    const value = this.#block.read(binding.name);
    return { value, writable: mayWrite, enumerable: true, configurable: true };
  }

  defineProperty(): never {
    throw refusal("given properties by Object.defineProperty");
  }

  setPrototypeOf(): never {
    throw refusal("given a prototype");
  }

  preventExtensions(): never {
    throw refusal("frozen or sealed by Object; publish(names) locks every name");
  }
}

function refusal(what: string): TypeError {
  return new TypeError(`A namespace cannot be ${what}.`);
}

function describeNames({ block, mayRebind }: Handle): HandleDescription {
  const bound = allNames(block);
  const { isMine, isOrphaned, id, buffer } = block;
  const locked = bound.filter((name) => {
    const found = block.find(name);
    return found?.block.isLocked(found.binding) === true;
  });
  return {
    state: "namespace",
    level: locked.length === bound.length ? 5 : 9,
    advice:
      locked.length === bound.length
        ? "It is passed by reference, and every name in it is a constant for every task."
        : "It is passed by reference. publish(it), and every name in it is a constant for every task.",
    names: { id, isMine, isOrphaned, mayRebind, bound, locked, bytes: buffer.byteLength },
  };
}
