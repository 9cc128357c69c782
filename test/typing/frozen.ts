/**
 * The types of what comes out of shared memory. Compiled with everything else: an expectation that does not hold
 * fails the build. Nothing here runs.
 */
import {
  type CursorOf,
  f64,
  freeze,
  freezeAll,
  type Frozen,
  hold,
  plain,
  scan,
  share,
  type SharedNumbers,
  str,
  struct,
  type Thawed,
  thaw,
  tryThaw,
} from "../../src/index.ts";

/** Whether two types take each other. */
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

function claim<Claim extends true>(...claimed: readonly Claim[]): readonly Claim[] {
  return claimed;
}

interface Town {
  name: string;
  people?: number;
  streets: { name: string; houses: number[] }[];
  readonly twins: Map<string, Town>;
  tags: Set<string>;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

class Particle extends struct({ x: f64, name: str }) {
  get radius(): number {
    return Math.abs(this.x);
  }
}

export function deeplyReadOnly(): void {
  const town = freeze<Town>({ name: "Oslo", streets: [], twins: new Map(), tags: new Set() });
  const name: string = town.name;
  const people: number | undefined = town.people;
  const house: number | undefined = town.streets[0]?.houses[0];
  const twin: Frozen<Town> | undefined = town.twins.get(name);
  for (const value of [name, people, house, twin]) void value;
  // @ts-expect-error -- a field
  town.name = "x";
  // @ts-expect-error -- an optional field
  delete town.people;
  // @ts-expect-error -- a field of an element
  if (town.streets[0] !== undefined) town.streets[0].name = "x";
  // @ts-expect-error -- a list
  town.streets.push({ name: "x", houses: [] });
  // @ts-expect-error -- an element
  town.streets[0] = { name: "x", houses: [] };
  // @ts-expect-error -- a Map
  town.twins.set("x", town);
  // @ts-expect-error -- a Set
  town.tags.add("x");
  // @ts-expect-error -- there is no such field
  void town.mayor;
  const [first, second] = freezeAll([[1, 2], { a: "b" }]);
  // @ts-expect-error -- a list
  first.push(3);
  // @ts-expect-error -- a field
  second.a = "b";
  const particle = freeze(new Particle({ x: 1, name: "a" }));
  const radius: number = particle.radius;
  // @ts-expect-error -- a struct that is frozen
  particle.x = radius;
  share(new Particle({ x: 1, name: "a" })).x = 2;
  const json = freeze<Json>([]);
  // @ts-expect-error -- a recursive type
  if (typeof json === "object" && json !== null && "a" in json) json["a"] = 1;
}

export function exact(): void {
  const numbers = freeze({ floats: new Float64Array(1), longs: new BigInt64Array(1) });
  claim<Same<typeof numbers.floats, SharedNumbers>>();
  claim<Same<typeof numbers.longs, SharedNumbers<bigint>>>();
  // @ts-expect-error -- shared numbers are not written
  numbers.floats[0] = 1;
  claim<Same<Frozen<string>, string>>();
  claim<Same<Frozen<unknown>, unknown>>();
  claim<Same<Frozen<Frozen<Town>>, Frozen<Town>>>();
  claim<Same<Frozen<[1, "a"]>["length"], 2>>();
  claim<Same<Thawed<Frozen<Town>>, Town>>();
  claim<Same<Thawed<Frozen<Json>>, Json>>();
  claim<Same<Thawed<Frozen<[number, string?]>>, [number, string?]>>();
  claim<Same<Thawed<Frozen<{ when: Date; match: RegExp }>>, { when: Date; match: RegExp }>>();
  // @ts-expect-error -- the claims above can fail
  claim<Same<Thawed<Frozen<Town>>, Json>>();
}

export async function thawed(): Promise<void> {
  const town = freeze<Town>({ name: "Oslo", streets: [], twins: new Map(), tags: new Set() });
  const draft = await thaw(town);
  draft.name = "x";
  draft.streets.push({ name: "x", houses: [1] });
  draft.twins.set("x", draft);
  const again: Town = tryThaw(freeze(draft));
  const copy = plain<Town>(freeze(again));
  copy.name = "y";
  // @ts-expect-error -- a field that the town has not got
  draft.mayor = "x";
}

export function cursors(): void {
  const rows = freeze([{ name: "Oslo", people: 700_000 }]);
  const kept: (typeof rows)[number][] = [];
  const area = (town: { readonly people: number }): number => town.people;
  for (const row of scan(rows)) {
    area(row);
    const people: number = row.people;
    // @ts-expect-error -- a cursor is no record
    kept.push(row);
    // @ts-expect-error -- nor under a name
    const stored: (typeof rows)[number] = row;
    // @ts-expect-error -- and is read only
    row.people = people;
    kept.push(hold(row));
    void stored;
  }
  const named = (town: CursorOf<{ name: string }>): string => town.name;
  for (const row of scan(rows)) named(row);
  for (const word of scan(freeze(["a", "b"]))) word.toUpperCase();
}
