/** What the test of this page looks at: `globalThis.pageState()`. */
import type { FrameTimes } from "./frame-times.ts";

/** How far the page is. */
export interface PageState {
  readonly pictures: number;
  readonly tilesToCome: number;
  readonly threads: number;
  readonly sharedBytes: number;
  /** How many places of the map nobody has drawn. */
  readonly holes: number;
  readonly frames: FrameTimes;
}
