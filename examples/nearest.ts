/**
 * The nearest place to each position, from a tree that all tasks share.
 *
 *    npx quipe map ./examples/nearest.ts --in positions.ndjson --share places=tree.json
 *
 * A record is `{"latitude": 59.9, "longitude": 10.7}`; `tree.json` is what place-tree.ts plants.
 */
import { axes, pointAt, type Place, type PlaceTree, type Point } from "./place-tree.ts";

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

interface Best {
  place: Place | undefined;
  /** The squared length of the straight line through the globe. */
  distance: number;
}

const earthRadiusKm = 6371;

/** The nearest place to a position; what `quipe map` calls for each record. */
export function nearest(
  position: Position,
  { places }: { readonly places: PlaceTree },
): Neighbour | null {
  const best: Best = { place: undefined, distance: Infinity };
  search(places, 0, pointAt(position.latitude, position.longitude), best);
  if (best.place === undefined) return null;
  const { name, country } = best.place;
  return { name, country, km: Math.round(kilometres(best.distance) * 10) / 10 };
}

/** Goes down on the side where the point lies, and to the other side only if something nearer can be there. */
function search(node: PlaceTree | null, depth: number, point: Point, best: Best): void {
  if (node === null) return;
  const distance = squaredDistance(node, point);
  if (isNearer(distance, node.place, best)) {
    best.distance = distance;
    best.place = node.place;
  }
  const axis = axes[depth % axes.length] ?? "x";
  const side = point[axis] - node[axis];
  search(side < 0 ? node.left : node.right, depth + 1, point, best);
  if (side * side <= best.distance) {
    search(side < 0 ? node.right : node.left, depth + 1, point, best);
  }
}

/** Of two places at one spot the one with the smaller id wins, so every way of searching agrees. */
function isNearer(distance: number, place: Place, best: Best): boolean {
  if (distance !== best.distance) return distance < best.distance;
  return best.place !== undefined && place.id < best.place.id;
}

/** The square of the straight line between two points of the unit sphere. */
export function squaredDistance(a: Point, b: Point): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2;
}

function kilometres(squared: number): number {
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(squared) / 2));
}
