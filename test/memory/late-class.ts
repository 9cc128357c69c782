/** A task that reads data with a class that it gets to know only later. */
import { registerClass } from "../../src/memory/classes.ts";
import { task } from "../../src/task/entry.ts";

/** What the data holds instances of. */
export class Late {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

/** Lists, Maps and Sets that hold each other, themselves, and a {@link Late}. */
export interface Tangle {
  readonly list: readonly unknown[];
  readonly map: ReadonlyMap<string, unknown>;
  readonly set: ReadonlySet<unknown>;
}

/** Reads `tangle` twice before it knows the class, and once after: whether each attempt failed, then what there was. */
export const readLate = task(import.meta.url, async function readLate(tangle: Tangle) {
  const failures = [failureOf(tangle), failureOf(tangle)];
  registerClass(Late);
  const { list, map, set } = tangle;
  const inner = list[1] as readonly unknown[];
  return {
    failures,
    lengths: [list.length, inner.length, map.size, set.size],
    isSame: [
      inner[0] === list,
      map.get("list") === list,
      map.get("map") === map,
      set.has(map),
      map.get("set") === set,
      list === tangle.list,
    ],
    areFrozen: [list, inner, map, set].every((view) => Object.isFrozen(view)),
    numbers: [list[2], map.get("late")].map((late) => (late instanceof Late ? late.number : late)),
  };
});

/** What stops the reading of each field. */
function failureOf(tangle: Tangle): string[] {
  return (["list", "map", "set"] as const).map((key) => {
    try {
      return `it has ${tangle[key] === undefined ? "nothing" : "something"}`;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  });
}
