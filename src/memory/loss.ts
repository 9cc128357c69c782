/**
 * What has become of a region that a view can no longer read, in words.
 */
import { QuipeError } from "../errors.ts";
import { HEADER, STATE } from "./layout.ts";
import type { Region } from "./region.ts";

/** How a task lost a region: it moved it away, gave its memory back, or ended. */
export type Loss = "moved" | "released" | "ended";

/** What the copy of the header says that is left of a lost region: nothing that would let anybody use it. */
const STATE_AFTER: Readonly<Record<Loss, number>> = {
  moved: STATE.IN_FLIGHT,
  released: STATE.RELEASED,
  ended: STATE.ABANDONED,
};

/** What a task keeps of a region that it has lost. */
export function huskOf(header: Int32Array, loss: Loss): SharedArrayBuffer {
  const husk = new SharedArrayBuffer(header.byteLength);
  const words = new Int32Array(husk);
  words.set(header);
  words[HEADER.STATE] = STATE_AFTER[loss];
  return husk;
}

/** Throws unless this task still has the region, whatever its state is otherwise. */
export function assertHere(region: Region): void {
  if (region.loss !== undefined || region.state === STATE.IN_FLIGHT) throw lossOf(region);
}

/** The error for who uses a view of `region` that must not be read any more. */
export function lossOf(region: Region): QuipeError {
  const { id, loss } = region;
  switch (loss) {
    case "moved":
      return new QuipeError(
        "moved",
        `Region ${id} was moved to another task, and this view of it ended with that. Use what that task ` +
          "sends back; thaw(it) takes it back if nobody received it, or over if its owner died.",
      );
    case "released":
      return new QuipeError(
        "released",
        `Region ${id} was released by this task. Share or load what you still need once more.`,
      );
    case "ended":
      return new QuipeError(
        "stale",
        `Region ${id} belonged to a task that has ended on this thread. Nothing of it can be read here any more.`,
      );
    case undefined:
      if (region.state === STATE.GUARDED) return guardedError(id);
      return region.state === STATE.IN_FLIGHT ? waitingError(id) : staleError(id);
  }
}

function guardedError(id: number): QuipeError {
  return new QuipeError(
    "not-owner",
    `Region ${id} is guarded: its views are good inside the read() or update() that they were given to.`,
  );
}

function waitingError(id: number): QuipeError {
  return new QuipeError(
    "moved",
    `Region ${id} is being moved to another task and waits to be sent. It comes back here if that fails.`,
  );
}

function staleError(id: number): QuipeError {
  return new QuipeError(
    "stale",
    `This view of region ${id} was made before the region was thawed. Use what thaw returned.`,
  );
}
