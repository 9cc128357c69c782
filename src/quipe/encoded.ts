/** An encoded value: its bytes, and what of it is not in them. */
import type { Traveller } from "../memory/travellers.ts";
import type { Writer } from "./writer.ts";

/** An encoded value, in memory that is used again after `release`. */
export interface Encoded {
  readonly writer: Writer;
  /** The shared buffers that it names. */
  readonly carries: readonly number[];
  /**
   * By what this thread has those: once that is collected, this task holds them no longer. So whoever does not send the
   * value at once must refer to it until then.
   */
  readonly keeps: readonly object[];
  /** What it takes away with it: in flight until whoever encoded it says {@link depart} or {@link comeBack} of them. */
  readonly moves: readonly Traveller[];
  /** Lets go of it; to be called exactly once. */
  release(): void;
}
