/**
 * The task: draws tiles of the map as the sun shines on it. It reads the island where it lies; of what other threads
 * do it knows nothing, so it may be killed at any moment.
 */
import { type End, type Frozen, current, task } from "quipe";
import { BAND_SHIFT, SIZE, type World } from "./terrain.ts";

/** How many pixels a tile has in each direction. */
export const TILE = 64;

/** A tile to draw. */
export interface TileOrder {
  readonly picture: number;
  /** How many pixels the whole map has in each direction. */
  readonly size: number;
  readonly left: number;
  readonly top: number;
  /** Where the sun is: clockwise from north, and above the horizon, both in radians. */
  readonly azimuth: number;
  readonly elevation: number;
}

/** A tile that was drawn, with its pixels. */
export interface DrawnTile extends TileOrder {
  readonly pixels: Uint8Array;
}

/** What a thread of this page is to its quipe. */
export type Draughtsman = End<DrawnTile, TileOrder>;

/** Draws what it is sent until its end is closed. */
export const drawTiles = task(
  import.meta.url,
  async function drawTiles(world: Frozen<World>): Promise<void> {
    const end = current().quipe as Draughtsman;
    const bands = [...world.bands];
    const land: Land = {
      sea: world.sea,
      zones: world.zones.map(({ upTo, color: [red, green, blue] }) => ({ upTo, red, green, blue })),
      heightAt: (x, y) => {
        const column = Math.min(SIZE - 1, Math.max(0, x | 0));
        const row = Math.min(SIZE - 1, Math.max(0, y | 0));
        const inBand = row & ((1 << BAND_SHIFT) - 1);
        return bands[row >> BAND_SHIFT]?.at(inBand * SIZE + column) ?? 0;
      },
    };
    for await (const order of end) await end.send({ ...order, pixels: draw(land, order) });
  },
  "drawTiles",
);

interface FlatZone {
  readonly upTo: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

interface Land {
  readonly sea: number;
  readonly zones: readonly FlatZone[];
  readonly heightAt: (x: number, y: number) => number;
}

/** How high the highest mountain is, in places. */
const RELIEF = 420;
const RAY_STEPS = 90;
const RAY_STEP = 8;

function draw(land: Land, order: TileOrder): Uint8Array {
  const pixels = new Uint8Array(TILE * TILE * 4);
  const scale = SIZE / order.size;
  for (let row = 0; row < TILE; row++) {
    for (let column = 0; column < TILE; column++) {
      const x = (order.left + column) * scale;
      const y = (order.top + row) * scale;
      paint(pixels.subarray((row * TILE + column) * 4), land, { x, y, order });
    }
  }
  return pixels;
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly order: TileOrder;
}

function paint(pixel: Uint8Array, land: Land, spot: Spot): void {
  const { x, y, order } = spot;
  const height = land.heightAt(x, y);
  const isSea = height < land.sea;
  const ground = Math.max(height, land.sea);
  const sun = sunlight(land, spot, ground) * (isSea ? 1 : slope(land, spot));
  const open = isSea ? 1 : openness(land, spot, ground);
  const day = Math.sin(order.elevation);
  const light = 0.34 * open + (0.5 + 0.6 * day) * sun;
  const warmth = 1 - day; // a low sun is red
  const { red, green, blue } = colorOf(land.zones, height);
  pixel[0] = Math.min(255, red * light * (1 + 0.22 * warmth * sun));
  pixel[1] = Math.min(255, green * light);
  pixel[2] = Math.min(255, blue * light * (1.06 - 0.2 * warmth * sun));
  pixel[3] = 255;
}

/** How much the ground is turned to the sun. */
function slope({ heightAt }: Land, { x, y, order }: Spot): number {
  const eastward = ((heightAt(x + 3, y) - heightAt(x - 3, y)) * RELIEF) / 6;
  const southward = ((heightAt(x, y + 3) - heightAt(x, y - 3)) * RELIEF) / 6;
  const flat = Math.cos(order.elevation);
  const toSun =
    -eastward * Math.sin(order.azimuth) * flat + southward * Math.cos(order.azimuth) * flat;
  const length = Math.hypot(eastward, southward, 1);
  return Math.max(0, (toSun + Math.sin(order.elevation)) / length) * 1.25;
}

/** Goes towards the sun until something is in the way: 0 in the shadow, 1 in the light, and soft in between. */
function sunlight({ heightAt }: Land, { x, y, order }: Spot, ground: number): number {
  const east = Math.sin(order.azimuth) * RAY_STEP;
  const south = -Math.cos(order.azimuth) * RAY_STEP;
  const rise = (Math.tan(order.elevation) * RAY_STEP) / RELIEF;
  let light = 1;
  for (let step = 1; step <= RAY_STEPS; step++) {
    const ray = ground + rise * step;
    if (ray > 1) break;
    const above = heightAt(x + east * step, y + south * step) - ray;
    if (above > 0) light = Math.min(light, 1 - above * 40 - 0.25);
    if (light <= 0) return 0;
  }
  return light;
}

/** How much of the sky is seen from there: valleys are darker. */
function openness({ heightAt }: Land, { x, y }: Spot, ground: number): number {
  let hidden = 0;
  for (let direction = 0; direction < 8; direction++) {
    const east = Math.cos((direction * Math.PI) / 4);
    const south = Math.sin((direction * Math.PI) / 4);
    let steepest = 0;
    for (let distance = 6; distance <= 48; distance += 14) {
      const above = heightAt(x + east * distance, y + south * distance) - ground;
      steepest = Math.max(steepest, (above * RELIEF) / distance);
    }
    hidden += Math.atan(steepest) / (Math.PI / 2);
  }
  return 1 - hidden / 8;
}

/** Zones go over into each other. */
function colorOf(zones: readonly FlatZone[], height: number): FlatZone {
  let below = 0;
  let last = zones[0] as FlatZone;
  for (const zone of zones) {
    if (height <= zone.upTo) {
      const share = Math.min(1, ((height - below) / (zone.upTo - below)) * 1.6);
      return {
        upTo: zone.upTo,
        red: last.red + (zone.red - last.red) * share,
        green: last.green + (zone.green - last.green) * share,
        blue: last.blue + (zone.blue - last.blue) * share,
      };
    }
    below = zone.upTo;
    last = zone;
  }
  return last;
}
