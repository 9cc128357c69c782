/** Changes of several names at once, and of one on condition. */
import { encodeBound } from "./bindable.ts";
import { type Draft, type Handle, change, pathTo } from "./draft.ts";
import { type NameOf, type Namespace, handleOf } from "./namespace.ts";
import { lazySnapshot } from "./snapshot.ts";

/**
 * Binds several names at once: every task sees all of it or nothing, also if this one is killed in the middle. Instead
 * of the new values it takes a function of what is bound now, which is called again if another task was faster, so
 * nothing that others have done is lost; it should do nothing else.
 *
 * Throws `name-locked`, `not-creator`, or `not-shareable` with the path to what is to blame, and then nothing has changed.
 *
 * @example
 * ```ts
 * import { namespace, rebind } from "quipe";
 *
 * const names = namespace({ from: 10, to: 0 });
 * rebind(names, { from: 8, to: 2 });
 * rebind(names, (now) => ({ from: now.from - 5, to: now.to + 5 }));
 * console.log(names.from, names.to); // 3 7
 * ```
 */
export function rebind<T extends object>(
  names: Namespace<T>,
  changes: Partial<T> | ((now: Readonly<T>) => Partial<T>),
): void {
  const handle = handleOf(names);
  change(handle, (draft) => {
    const values: unknown =
      typeof changes === "function" ? changes(now(handle, draft) as T) : changes;
    if (typeof values !== "object" || values === null) {
      throw new TypeError("Expected new values by name: rebind(names, { x: 1 }).");
    }
    for (const [name, value] of Object.entries(values)) draft.bind(name, value);
  });
}

/**
 * Binds a name to `value` if it is bound to `expected` still, in one step; says whether it was. Frozen data, guards and
 * handles are compared by what they are, not by what is in them. Throws `unbound-name` and what {@link rebind} throws.
 *
 * @example
 * ```ts
 * import { compareAndSet, namespace } from "quipe";
 *
 * const names = namespace({ leader: "nobody" });
 * console.log(compareAndSet(names, "leader", "nobody", "me")); // true
 * console.log(compareAndSet(names, "leader", "nobody", "you"), names.leader); // false me
 * ```
 */
export function compareAndSet<T extends object, Name extends NameOf<T>>(
  names: Namespace<T>,
  name: Name,
  expected: T[Name],
  value: T[Name],
): boolean {
  const handle = handleOf(names);
  let isSet = false;
  change(handle, (draft) => {
    const present = draft.present(name);
    isSet = present.isBoundAs(encodeBound(expected, pathTo(name)));
    if (isSet) draft.bind(name, value);
    else draft.checkRebind(name);
  });
  return isSet;
}

/**
 * Removes names, all of those given or none: from then on reading one throws, or gives what a parent has. The same as
 * `delete names.x`, which the compiler allows only for names that are optional. Throws `not-creator`, `unbound-name`,
 * `name-locked`.
 *
 * @example
 * ```ts
 * import { namespace, unbind } from "quipe";
 *
 * const names = namespace({ a: 1, b: 2 });
 * unbind(names, "a");
 * console.log("a" in names, Object.keys(names).join()); // false b
 * ```
 */
export function unbind<T extends object>(names: Namespace<T>, ...which: NameOf<T>[]): void {
  change(handleOf(names), (draft) => {
    for (const name of which) draft.remove(name);
  });
}

function now({ block }: Handle, draft: Draft): object {
  return lazySnapshot(block, draft.bindings);
}
