/**
 * The island: heights of 4096 × 4096 places, 64 MB. They are made in bands of rows, so that the page can draw a frame
 * in between; all of them go into shared memory at once, which takes about as long as copying them.
 *
 * One piece of noise that fits to itself is looked up in several sizes: wide for the mountains, narrow for the rocks.
 */
import { type Frozen, freeze } from "quipe";

/** How many places there are in each direction. */
export const SIZE = 4096;

/** How many rows lie in one band, as a power of two. */
export const BAND_SHIFT = 6;

/** What colour the ground has up to some height. */
export interface Zone {
  readonly upTo: number;
  readonly color: readonly [red: number, green: number, blue: number];
}

/** What all threads read. Heights are from 0 to 1. */
export interface World {
  readonly sea: number;
  readonly zones: readonly Zone[];
  readonly bands: readonly Float32Array[];
}

const BAND_ROWS = 1 << BAND_SHIFT;
const NOISE_SIZE = 512;
const SLICE_MS = 6;

const SEA = 0.3;
const ZONES: readonly Zone[] = [
  { upTo: 0.12, color: [18, 52, 92] },
  { upTo: 0.24, color: [28, 84, 128] },
  { upTo: SEA, color: [66, 142, 168] },
  { upTo: 0.315, color: [226, 208, 160] },
  { upTo: 0.36, color: [136, 160, 88] },
  { upTo: 0.46, color: [84, 124, 66] },
  { upTo: 0.57, color: [92, 104, 72] },
  { upTo: 0.68, color: [128, 114, 98] },
  { upTo: 0.78, color: [150, 144, 140] },
  { upTo: 1, color: [246, 248, 252] },
];

/** Makes the island, a few milliseconds at a time, and freezes it. */
export async function makeWorld(tell: (share: number) => void): Promise<Frozen<World>> {
  const bands: Float32Array[] = [];
  const noise = makeNoise();
  let sliceEndsAt = performance.now() + SLICE_MS;
  for (let row = 0; row < SIZE; row += BAND_ROWS) {
    bands.push(makeBand(noise, row));
    if (performance.now() < sliceEndsAt) continue;
    tell(row / SIZE);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    sliceEndsAt = performance.now() + SLICE_MS;
  }
  return freeze({ sea: SEA, zones: ZONES, bands });
}

function makeBand(noise: Float32Array, firstRow: number): Float32Array {
  const band = new Float32Array(BAND_ROWS * SIZE);
  for (let i = 0; i < BAND_ROWS; i++) {
    const y = firstRow + i;
    const north = (2 * y) / SIZE - 1;
    for (let x = 0; x < SIZE; x++) {
      const east = (2 * x) / SIZE - 1;
      const wide = sample(noise, x * 0.047 + 31, y * 0.047 + 210);
      const middle = sample(noise, x * 0.19 + y * 0.06, y * 0.19 - x * 0.06 + 97);
      const ridge = 1 - Math.abs(2 * middle - 1);
      const rock = sample(noise, x * 0.83 - y * 0.31, y * 0.83 + x * 0.31);
      const coast = 1.12 - (east * east + north * north) * 0.92;
      const high = wide * 0.6 + ridge * ridge * 0.36 + rock * 0.045;
      band[i * SIZE + x] = Math.min(1, Math.max(0, high * coast * 1.42 - 0.2));
    }
  }
  return band;
}

/** Between four places of the noise. */
function sample(noise: Float32Array, x: number, y: number): number {
  const west = Math.floor(x);
  const north = Math.floor(y);
  const [a, b] = [x - west, y - north];
  const mask = NOISE_SIZE - 1;
  const upper = (north & mask) * NOISE_SIZE;
  const lower = ((north + 1) & mask) * NOISE_SIZE;
  const [left, right] = [west & mask, (west + 1) & mask];
  const top = (noise[upper + left] ?? 0) * (1 - a) + (noise[upper + right] ?? 0) * a;
  const bottom = (noise[lower + left] ?? 0) * (1 - a) + (noise[lower + right] ?? 0) * a;
  return top * (1 - b) + bottom * b;
}

/** Noise in six octaves that fits to itself on all sides. */
function makeNoise(): Float32Array {
  const noise = new Float32Array(NOISE_SIZE * NOISE_SIZE);
  let strength = 0.5;
  for (let cells = 8; cells <= 256; cells *= 2) {
    const lattice = Float32Array.from({ length: cells * cells }, (_, i) => scatter(i + cells));
    const step = NOISE_SIZE / cells;
    for (let y = 0; y < NOISE_SIZE; y++) {
      for (let x = 0; x < NOISE_SIZE; x++) {
        const i = y * NOISE_SIZE + x;
        noise[i] = (noise[i] ?? 0) + strength * between(lattice, cells, [x / step, y / step]);
      }
    }
    strength *= 0.52;
  }
  return noise;
}

function between(lattice: Float32Array, cells: number, [x, y]: readonly [number, number]): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [a, b] = [ease(x - left), ease(y - top)];
  const at = (column: number, row: number): number =>
    lattice[(row % cells) * cells + (column % cells)] ?? 0;
  const upper = at(left, top) * (1 - a) + at(left + 1, top) * a;
  const lower = at(left, top + 1) * (1 - a) + at(left + 1, top + 1) * a;
  return upper * (1 - b) + lower * b;
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Always the same for the same number, from 0 to 1. */
function scatter(number: number): number {
  let bits = Math.imul(number, 0x9e37_79b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
