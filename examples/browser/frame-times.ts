/** What is known of the frames of a page. */

/** Since some moment. */
export interface FrameTimes {
  readonly frames: number;
  readonly longestMs: number;
}
