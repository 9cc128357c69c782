/**
 * Places of the world in a k-d tree of plain objects, ready to be written as JSON and to be frozen.
 *
 *   { places: [ … all places, in the order of the leaves … ],
 *     root: { axis, at, below, above } }
 *                         │      └── { axis, at, below, above }
 *                         └── { first, points: [ x, y, z, x, y, z, … ] }
 *
 * A branch cuts space at `at` of its axis; a leaf holds a few dozen points, as one list of numbers, so a
 * search touches few objects. Positions are points on the unit sphere, so neither the poles nor the date
 * line are special, and "nearest in a straight line" is the same as "nearest over the ground".
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

/** A point on the unit sphere: x, y and z. */
export type Point = readonly [x: number, y: number, z: number];

/** Everything below `at` on one axis, and everything else. */
export interface Branch {
  /** 0 for x, 1 for y, 2 for z. */
  readonly axis: number;
  readonly at: number;
  readonly below: TreeNode;
  readonly above: TreeNode;
}

/** Some places: the number of the first one, and the three coordinates of each. */
export interface Leaf {
  readonly first: number;
  readonly points: readonly number[];
}

/** A part of the tree. */
export type TreeNode = Branch | Leaf;

/** All places and the tree that finds them. */
export interface PlaceTree {
  readonly places: readonly Place[];
  readonly root: TreeNode;
}

interface Located {
  readonly place: Place;
  readonly point: Point;
}

const leafSize = 24;

/** Where a latitude and a longitude lie on the unit sphere. */
export function pointAt(latitude: number, longitude: number): Point {
  const phi = (latitude * Math.PI) / 180;
  const lambda = (longitude * Math.PI) / 180;
  const ring = Math.cos(phi);
  return [ring * Math.cos(lambda), ring * Math.sin(lambda), Math.sin(phi)];
}

/** A balanced tree of all places. */
export function plantTree(places: readonly Place[]): PlaceTree {
  const ordered: Place[] = [];
  const located = places.map((place) => ({
    place,
    point: pointAt(place.latitude, place.longitude),
  }));
  return { root: plant(located, ordered), places: ordered };
}

function plant(located: Located[], ordered: Place[]): TreeNode {
  if (located.length <= leafSize) {
    const first = ordered.length;
    ordered.push(...located.map(({ place }) => place));
    return { first, points: located.flatMap(({ point }) => point) };
  }
  const axis = widestAxis(located);
  located.sort((a, b) => (a.point[axis] ?? 0) - (b.point[axis] ?? 0));
  const middle = located.length >> 1;
  const at = located[middle]?.point[axis] ?? 0;
  const below = plant(located.slice(0, middle), ordered);
  const above = plant(located.slice(middle), ordered);
  return { axis, at, below, above };
}

function widestAxis(located: readonly Located[]): number {
  const widths = [0, 1, 2].map((axis) => {
    let low = 1;
    let high = -1;
    for (const { point } of located) {
      low = Math.min(low, point[axis] ?? 0);
      high = Math.max(high, point[axis] ?? 0);
    }
    return high - low;
  });
  return widths.indexOf(Math.max(...widths));
}
