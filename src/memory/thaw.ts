/** `thaw`: a frozen object becomes the very same mutable object again, in place. */
import { QuipeError } from "../errors.ts";
import type { WaitOptions } from "../sync/wait.ts";
import type { cursorBrand, IsKnown, Tuple, Whole } from "./frozen.ts";
import { type Address, HEADER, SLOT } from "./layout.ts";
import { type Location, locate } from "./location.ts";
import { thawLater, thawNow } from "./ownership.ts";
import type { Region } from "./region.ts";
import { takeOver } from "./take-over.ts";
import { editableRoot } from "./views.ts";

/** What {@link thaw} gives back: `T` without its `readonly`. */
export type Thawed<T> = IsKnown<T> extends true ? ThawedValue<T> : T;

type ThawedValue<T> = T extends Whole ? T : T extends object ? ThawedObject<T> : T;

type ThawedObject<T> =
  T extends ReadonlyMap<infer Key, infer Value>
    ? Map<Thawed<Key>, Thawed<Value>>
    : T extends ReadonlySet<infer Item>
      ? Set<Thawed<Item>>
      : T extends readonly unknown[]
        ? ThawedList<T>
        : {
            -readonly [Key in keyof T as Key extends typeof cursorBrand ? never : Key]: Thawed<
              T[Key]
            >;
          };

type ThawedList<T extends readonly unknown[]> = T extends Tuple
  ? { -readonly [Key in keyof T]: Thawed<T[Key]> }
  : Thawed<T[number]>[];

/**
 * Makes a frozen object editable again for the task that owns it, once no other task reads it. Nothing is
 * copied. Frozen records that were read before keep what they were; everything not yet read through them
 * throws `stale` from then on, so go on with what this returns.
 *
 * It also takes over what a dead task left to this one, and takes back what this task moved and nobody received,
 * given any view from before the move. Give it the root: parts may lie elsewhere by then.
 *
 * Rejects `moved` for what another task has received or still may, `released` for what exists no longer,
 * `not-owner` for another task's object, `frozen` for one frozen for ever, and `timed-out`,
 * `cancelled` or the signal's reason when the wait is given up; then the object is frozen as before. Readers
 * that die count as having left. While it waits, nobody can hand the object on.
 *
 * @example
 * ```ts
 * import { freeze, thaw } from "quipe";
 *
 * const frozen = freeze({ stops: ["Oslo"] });
 * const draft = await thaw(frozen);
 * draft.stops.push("Narvik");
 * console.log(freeze(draft).stops.join()); // Oslo,Narvik
 * ```
 */
export async function thaw<T>(frozen: T, options?: WaitOptions): Promise<Thawed<T>> {
  const location = frozenLocation(frozen);
  if (location.region.loss !== undefined) return viewAgain(location) as Thawed<T>;
  await thawLater(location.region, options);
  return location.region.edited.view(location.address) as Thawed<T>;
}

/**
 * Like {@link thaw}, at once or not at all: throws `readers-present` and names the tasks that read the object.
 *
 * @example
 * ```ts
 * import { freeze, tryThaw } from "quipe";
 *
 * const draft = tryThaw(freeze({ count: 1 }));
 * draft.count += 1;
 * console.log(draft.count); // 2
 * ```
 */
export function tryThaw<T>(frozen: T): Thawed<T> {
  const location = frozenLocation(frozen);
  if (location.region.loss !== undefined) return viewAgain(location) as Thawed<T>;
  thawNow(location.region);
  return location.region.edited.view(location.address) as Thawed<T>;
}

/** What shows the same object once this task has taken its lost region over. */
function viewAgain({ region: lost, address }: Location): unknown {
  const region = takeOver(lost);
  // Another owner may have moved everything but the root to other places.
  if (address === rootAddress(lost)) return editableRoot(region);
  const epoch = ((lost.words[HEADER.EPOCH] as number) + 1) | 0;
  if (region.words[HEADER.EPOCH] === epoch) return region.edited.view(address);
  throw new QuipeError(
    "stale",
    `Region ${region.id} is this task's again, but it was changed meanwhile: thaw its root instead of a part.`,
  );
}

function rootAddress({ words }: Region): Address {
  return words[HEADER.ROOT + SLOT.LOW] as Address;
}

function frozenLocation(frozen: unknown): Location {
  const location = typeof frozen === "object" && frozen !== null ? locate(frozen) : undefined;
  if (location !== undefined) return location;
  throw new QuipeError("not-owner", "Only shared data can be thawed; this is ordinary data.");
}
