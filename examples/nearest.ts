/**
 * The nearest place to each position, from a tree that all tasks share.
 *
 *    npx quipe map ./examples/nearest.ts --in positions.ndjson --share atlas=tree.json
 *
 * A record is `{"latitude": 59.9, "longitude": 10.7}`; `tree.json` is what place-tree.ts plants.
 */
import { pointAt, type Leaf, type PlaceTree, type Point, type TreeNode } from "./place-tree.ts";

/** A position on the globe, in degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** The place that is nearest to a position, and how far away it is. */
export interface Neighbour {
  readonly name: string;
  readonly country: string;
  readonly km: number;
}

interface Search {
  readonly point: Point;
  readonly atlas: PlaceTree;
  /** The number of the nearest place so far; -1 before the first. */
  best: number;
  /** The squared length of the straight line through the globe. */
  distance: number;
}

const earthRadiusKm = 6371;

/** The nearest place to a position; what `quipe map` calls for each record. */
export function nearest(
  position: Position,
  { atlas }: { readonly atlas: PlaceTree },
): Neighbour | null {
  const point = pointAt(position.latitude, position.longitude);
  const search: Search = { point, atlas, best: -1, distance: Infinity };
  lookInto(atlas.root, search);
  const place = atlas.places[search.best];
  if (place === undefined) return null;
  const km = 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(search.distance) / 2));
  return { name: place.name, country: place.country, km: Math.round(km * 10) / 10 };
}

/** Goes down on the side where the point lies, and to the other side only if something nearer can be there. */
function lookInto(node: TreeNode, search: Search): void {
  if ("points" in node) {
    lookThrough(node, search);
    return;
  }
  const side = (search.point[node.axis] ?? 0) - node.at;
  lookInto(side < 0 ? node.below : node.above, search);
  if (side * side <= search.distance) lookInto(side < 0 ? node.above : node.below, search);
}

function lookThrough({ first, points }: Leaf, search: Search): void {
  const [x, y, z] = search.point;
  const count = points.length / 3;
  for (let i = 0; i < count; i++) {
    const dx = (points[3 * i] ?? 0) - x;
    const dy = (points[3 * i + 1] ?? 0) - y;
    const dz = (points[3 * i + 2] ?? 0) - z;
    const distance = dx * dx + dy * dy + dz * dz;
    if (distance > search.distance) continue;
    if (distance === search.distance && !winsTie(first + i, search)) continue;
    search.distance = distance;
    search.best = first + i;
  }
}

/** Of two places at one spot the one with the smaller id wins, so every way of searching agrees. */
function winsTie(candidate: number, { atlas, best }: Search): boolean {
  const id = atlas.places[candidate]?.id ?? Infinity;
  return id < (atlas.places[best]?.id ?? Infinity);
}
