/**
 * Places of the world in a k-d tree of plain objects, ready to be written as JSON and to be frozen.
 *
 *                     { x, y, z, place, left, right }            split by x
 *                      /                           \
 *          { …, left, right }                { …, left, right }  split by y, then z, then x again
 *
 * Positions are points on the unit sphere, so neither the poles nor the date line are special, and
 * "nearest in a straight line" is the same as "nearest over the ground".
 */

/** A place with a name. */
export interface Place {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly population: number;
}

/** A point on the unit sphere. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A node of the tree: a place, and the places on either side of it. */
export interface PlaceTree extends Point {
  readonly place: Place;
  readonly left: PlaceTree | null;
  readonly right: PlaceTree | null;
}

/** The axes in the order in which the levels of the tree use them. */
export const axes = ["x", "y", "z"] as const;

/** Where a latitude and a longitude lie on the unit sphere. */
export function pointAt(latitude: number, longitude: number): Point {
  const phi = (latitude * Math.PI) / 180;
  const lambda = (longitude * Math.PI) / 180;
  const ring = Math.cos(phi);
  return { x: ring * Math.cos(lambda), y: ring * Math.sin(lambda), z: Math.sin(phi) };
}

/** A balanced tree of all places. */
export function plantTree(places: readonly Place[]): PlaceTree | null {
  const located = places.map((place) => ({
    ...pointAt(place.latitude, place.longitude),
    place,
  }));
  return plant(located, 0);
}

function plant(
  located: readonly (Point & { readonly place: Place })[],
  depth: number,
): PlaceTree | null {
  const axis = axes[depth % axes.length] ?? "x";
  const sorted = located.toSorted((a, b) => a[axis] - b[axis]);
  const middle = sorted.length >> 1;
  const node = sorted[middle];
  if (node === undefined) return null;
  const left = plant(sorted.slice(0, middle), depth + 1);
  const right = plant(sorted.slice(middle + 1), depth + 1);
  return { ...node, left, right };
}
