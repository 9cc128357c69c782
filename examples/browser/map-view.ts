/** The map: two canvases, one with the land and one above it that shows which thread is where. */
import { type DrawnTile, TILE } from "./light.ts";
import type { Member } from "./crew.ts";

/** How long a tile that has just come lights up. */
const GLOW_MS = 500;

interface Glow {
  readonly left: number;
  readonly top: number;
  readonly color: string;
  readonly sinceMs: number;
}

/** Shows tiles. */
export class MapView {
  readonly #land: CanvasRenderingContext2D;
  readonly #marks: CanvasRenderingContext2D;
  #glows: Glow[] = [];

  constructor(land: HTMLCanvasElement, marks: HTMLCanvasElement, size: number) {
    for (const canvas of [land, marks]) canvas.width = canvas.height = size;
    this.#land = land.getContext("2d") as CanvasRenderingContext2D;
    this.#marks = marks.getContext("2d") as CanvasRenderingContext2D;
  }

  /** How many places nobody has drawn. */
  get holes(): number {
    const { width, height } = this.#land.canvas;
    const { data } = this.#land.getImageData(0, 0, width, height);
    let count = 0;
    for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] === 0) count += 1;
    return count;
  }

  /** Puts a tile into its place. */
  put({ left, top, pixels }: DrawnTile, { color }: Member): void {
    const image = new ImageData(TILE, TILE);
    image.data.set(pixels);
    this.#land.putImageData(image, left, top);
    this.#glows.push({ left, top, color, sinceMs: performance.now() });
  }

  /** Draws where threads are; called with each frame. */
  mark(members: readonly Member[]): void {
    const { width, height } = this.#marks.canvas;
    const nowMs = performance.now();
    this.#marks.clearRect(0, 0, width, height);
    this.#marks.lineWidth = 2;
    for (const { left, top, color, sinceMs } of this.#glows) {
      this.#marks.globalAlpha = Math.max(0, 0.4 * (1 - (nowMs - sinceMs) / GLOW_MS));
      this.#marks.fillStyle = color;
      this.#marks.fillRect(left, top, TILE, TILE);
    }
    this.#marks.globalAlpha = 1;
    for (const { held, color } of members) {
      const [at] = held;
      if (at === undefined) continue;
      this.#marks.strokeStyle = color;
      this.#marks.strokeRect(at.left + 1, at.top + 1, TILE - 2, TILE - 2);
    }
    this.#glows = this.#glows.filter(({ sinceMs }) => nowMs - sinceMs < GLOW_MS);
  }
}
