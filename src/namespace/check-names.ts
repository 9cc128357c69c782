/**
 * Asserts the accounting identities of a namespace. Tests call it when nothing is going on, and after each death.
 *
 *   the words up to TOP   ▶ header, then areas that do not overlap, each with room for its table
 *   VERSION               ▶ exactly one area has it
 *   the numbers in its table ▶ those of its names, what locked ones hold first
 */
import { invariant } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { decodeTable } from "./bindings.ts";
import { handleOf } from "./namespace.ts";
import { AREA, NAMES, ORPHANED, TABLE } from "./names-layout.ts";
import { type NamesMemory, areasOf, isNamespace, openMemory, readPublished } from "./versions.ts";

/** Throws `QuipeBug` if anything in a namespace contradicts its layout. */
export function checkNames(names: object): void {
  checkNamesMemory(openMemory(handleOf(names).block.buffer));
}

/** The same, for those who have only its memory. */
export function checkNamesMemory(memory: NamesMemory): void {
  const { words } = memory;
  const id = words[NAMES.ID];
  invariant(isNamespace(words), `namespace ${id} has another magic number`);
  checkAreas(words);
  const { table } = readPublished(memory);
  const bound = [...decodeTable(table).bindings.values()].filter((binding) => binding.id !== 0);
  const locked = bound.filter(({ isLocked }) => isLocked);
  const free = bound.filter(({ isLocked }) => !isLocked);
  const count = table[TABLE.COUNT] as number;
  const listed = [...table.subarray(TABLE.LIST, TABLE.LIST + count)];
  const expected = [...locked, ...free].map((binding) => binding.id);
  invariant(
    listed.join() === expected.join() && table[TABLE.LOCKED_COUNT] === locked.length,
    `namespace ${id} lists ${listed.join()} and names ${expected.join()}`,
  );
}

function checkAreas(words: Int32Array): void {
  const id = words[NAMES.ID];
  const counting = load(words, NAMES.VERSION) & ~ORPHANED;
  const areas = [...areasOf(words)].sort((one, other) => one - other);
  const found = areas.filter((area) => words[area + AREA.VERSION] === counting);
  invariant(found.length === 1, `namespace ${id} has ${found.length} tables that count`);
  let end: number = NAMES.FIRST_AREA;
  for (const area of areas) {
    const [capacity, length] = [words[area + AREA.CAPACITY], words[area + AREA.LENGTH]] as number[];
    invariant(area >= end, `namespace ${id} has areas that overlap at ${area}`);
    end = area + AREA.TABLE + (capacity ?? 0);
    invariant((length ?? 0) <= (capacity ?? 0), `namespace ${id}: area ${area} is too full`);
  }
  invariant(end <= load(words, NAMES.TOP), `namespace ${id} has an area behind its top`);
}
