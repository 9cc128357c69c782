/** How smooth the page is: the time between its frames, as bars, and the longest since a while. */

import type { FrameTimes } from "./frame-times.ts";

const BARS = 120;
/** A frame that took so long fills its bar. */
const FULL_MS = 50;

/** Measures and shows every frame of the page. */
export class FrameMeter {
  readonly #context: CanvasRenderingContext2D;
  readonly #onFrame: () => void;
  readonly #gapsMs: number[] = [];
  #lastMs: number | undefined;
  #frames = 0;
  #longestMs = 0;

  /** Calls `onFrame` with each. */
  constructor(canvas: HTMLCanvasElement, onFrame: () => void) {
    this.#context = canvas.getContext("2d") as CanvasRenderingContext2D;
    this.#onFrame = onFrame;
    requestAnimationFrame(this.#next);
  }

  /** Since {@link reset}. */
  get times(): FrameTimes {
    return { frames: this.#frames, longestMs: this.#longestMs };
  }

  /** How many frames there are in a second, by the last of them. */
  get rate(): number {
    const sum = this.#gapsMs.reduce((one, other) => one + other, 0);
    return sum === 0 ? 0 : (this.#gapsMs.length * 1000) / sum;
  }

  /** Begins to count anew. */
  reset(): void {
    this.#frames = 0;
    this.#longestMs = 0;
  }

  readonly #next = (nowMs: number): void => {
    requestAnimationFrame(this.#next);
    if (this.#lastMs !== undefined) this.#note(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#draw();
    this.#onFrame();
  };

  #note(gapMs: number): void {
    this.#frames += 1;
    this.#longestMs = Math.max(this.#longestMs, gapMs);
    this.#gapsMs.push(gapMs);
    if (this.#gapsMs.length > BARS) this.#gapsMs.shift();
  }

  #draw(): void {
    const { width, height } = this.#context.canvas;
    this.#context.clearRect(0, 0, width, height);
    const step = width / BARS;
    for (const [index, gapMs] of this.#gapsMs.entries()) {
      const bar = Math.min(1, gapMs / FULL_MS) * (height - 8);
      this.#context.fillStyle = gapMs > 34 ? "#e0a341" : "#4c9f70";
      this.#context.fillRect(index * step + 1, height - bar, step - 2, bar);
    }
  }
}
