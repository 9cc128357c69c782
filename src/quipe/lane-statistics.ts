/** What went through a lane, in numbers. */
import { type Lane, countItems } from "./lane.ts";

/** What went through one direction of a quipe, as {@link End} tells it. */
export interface LaneStatistics {
  /** Items accepted so far. */
  readonly sent: number;
  /** Items that the receiver has taken out. */
  readonly taken: number;
  /** Items that wait: `sent - taken`. */
  readonly buffered: number;
  /** How many items may wait. */
  readonly capacity: number;
}

/** The numbers of a lane; exact for the tasks at its ends, and for everybody once both are dead. */
export function statisticsOf(lane: Lane): LaneStatistics {
  const { sent, taken } = countItems(lane);
  return { sent, taken, buffered: (sent - taken) >>> 0, capacity: lane.capacity };
}
