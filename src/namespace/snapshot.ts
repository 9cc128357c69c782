/**
 * Names as plain objects: all of them at one moment, or a few to be read fast.
 *
 *   names       a Proxy, right in everything            some 30 ns to read one
 *   reader      accessors of its own, always the newest  1 to 2 ns
 *   snapshot    plain, and what it was                    what a plain object takes
 */
import { isThawableHere } from "./bindable.ts";
import { type Binding, type Keeper, type Liveness, noteHot } from "./bindings.ts";
import { type Namespace, handleOf } from "./namespace.ts";
import { NAMES, NO_VERSION } from "./names-layout.ts";
import { type NamesBlock, OUTDATED, allNames, chainOf } from "./names-block.ts";

/**
 * All names with what they are bound to at one moment, in a frozen plain object: changes of several names are in it as a
 * whole or not at all. It holds what it names, as any reference does.
 *
 * @example
 * ```ts
 * import { namespace, snapshot } from "quipe";
 *
 * const names = namespace({ low: 2, high: 3 });
 * const before = snapshot(names);
 * names.low = 1;
 * console.log(before.low, names.low); // 2 1
 * ```
 */
export function snapshot<T extends object>(names: Namespace<T>): Readonly<T> {
  const { block } = handleOf(names);
  for (;;) {
    const entries = readAll(block);
    if (entries !== undefined) return Object.freeze(Object.fromEntries(entries)) as Readonly<T>;
  }
}

/**
 * An object by which the names that are bound now are read as fast as fields, in loops that read them a million times:
 * its accessors give what each name is bound to now, like `names` itself. Which names it has stays as it is; reading one
 * that was removed since throws `unbound-name`. Assigning to one does what it does with `names`.
 *
 * @example
 * ```ts
 * import { namespace, reader } from "quipe";
 *
 * const names = namespace({ rate: 2 });
 * const fast = reader(names);
 * let sum = 0;
 * for (let i = 0; i < 1000; i++) sum += fast.rate;
 * names.rate = 3;
 * console.log(sum, fast.rate); // 2000 3
 * ```
 */
export function reader<T extends object>(names: Namespace<T>): T {
  const { block } = handleOf(names);
  const fast: object = Object.create(new Proxy({}, new MissingNames(names)));
  for (const name of Object.keys(names)) {
    const get = accessor(new Cell(block, name), block.words);
    const set = (value: unknown): void => void Reflect.set(names, name, value);
    Object.defineProperty(fast, name, { get, set, enumerable: true });
  }
  return Object.preventExtensions(fast) as T;
}

/** What {@link snapshot} gives for these bindings, but each value is read only when it is asked for. */
export function lazySnapshot(block: NamesBlock, bindings: ReadonlyMap<string, Binding>): object {
  const values: object = {};
  for (const name of namesWith(block, bindings)) {
    const binding = bindings.get(name);
    const get = (): unknown => {
      if (binding === undefined) return block.read(name);
      const value = block.valueOf(binding);
      return value === OUTDATED ? block.read(name) : value; // then what is made of it is in vain, too
    };
    Object.defineProperty(values, name, { get, enumerable: true, configurable: true });
  }
  return Object.freeze(values);
}

/** Undefined if something that is named is gone: then there are other names. */
function readAll(block: NamesBlock): [string, unknown][] | undefined {
  const chain = chainOf(block).reverse();
  // At the moment of the first look of the last round each of these tables counted.
  do for (const one of chain) one.look();
  while (chain.some((one) => !one.isCurrent));
  const tables = chain.map(({ table }) => table);
  // A parent's name comes first, also if another hides it: that need not even be readable then.
  const visible = new Map<string, () => unknown>();
  chain.forEach((one, i) => {
    for (const [name, binding] of tables[i]?.bindings ?? []) {
      visible.set(name, () => one.valueOf(binding));
    }
  });
  const entries = [...visible].map(([name, read]): [string, unknown] => [name, read()]);
  return entries.some(([, value]) => value === OUTDATED) ? undefined : entries;
}

function namesWith(block: NamesBlock, bindings: ReadonlyMap<string, Binding>): Set<string> {
  const above = block.parent === undefined ? [] : allNames(block.parent);
  return new Set([...above, ...bindings.keys()]);
}

/** What one accessor has read, and of which version. */
class Cell implements Keeper {
  readonly name: string;
  /** The version in which `value` is right whatever else happens; `NO_VERSION` if there is none. */
  version = NO_VERSION;
  value: unknown = undefined;
  readonly #block: NamesBlock;
  /** The same for what this task may thaw, or what a parent is asked for: right as long as all of this is so. */
  #liveness: Liveness = NEVER;
  #seen: readonly SeenBlock[] = [];

  constructor(block: NamesBlock, name: string) {
    this.#block = block;
    this.name = name;
  }

  /** Reads the name anew, and keeps what it is bound to. */
  read(): unknown {
    if (this.#liveness.live && this.#isSeen()) return this.value;
    const value = this.#block.read(this.name);
    const found = this.#block.find(this.name);
    if (found?.binding.liveness.live === true) this.#keep(found.binding, found.block);
    return value;
  }

  forget(): void {
    this.version = NO_VERSION;
    this.#liveness = NEVER;
    this.value = undefined;
  }

  /** Whether neither where the name is bound nor what is nearer has changed, by a plain look at each. */
  #isSeen(): boolean {
    for (const { words, version } of this.#seen) if (words[VERSION] !== version) return false;
    return true;
  }

  #keep({ value, id, liveness }: Binding, where: NamesBlock): void {
    const block = this.#block;
    this.value = value;
    this.#liveness = liveness;
    this.#seen = [];
    for (let one = block; ; one = one.parent ?? where) {
      this.#seen = [...this.#seen, { words: one.words, version: one.seen }];
      if (one === where) break;
    }
    this.version = block === where && !isThawableHere(value) ? block.seen : NO_VERSION;
    if (id !== 0) noteHot(this);
  }
}

/** A namespace in which a name was looked for, as it was then. */
interface SeenBlock {
  readonly words: Int32Array;
  readonly version: number;
}

const NEVER: Liveness = { live: false };

/** A constant of this module, which engines read in no time; those of other modules they look up. */
const VERSION = NAMES.VERSION;

/** Compares one word, with a plain look (versions.ts says why that is enough). */
function accessor(cell: Cell, words: Int32Array): () => unknown {
  return () => (words[VERSION] === cell.version ? cell.value : cell.read());
}

/** Answers for the names that a reader has not. */
class MissingNames implements ProxyHandler<object> {
  readonly #names: object;

  constructor(names: object) {
    this.#names = names;
  }

  get(_target: object, key: string | symbol): unknown {
    return Reflect.get(this.#names, key) as unknown;
  }

  has(_target: object, key: string | symbol): boolean {
    return Reflect.has(this.#names, key);
  }
}
