/**
 * Handles on their way to other tasks. Nothing is done for a handle until it is sent for the first time; then the
 * memory of the task's quipe gets a number and lives on for as long as a task has the handle or a message carries it,
 * as regions do (memory/holding.ts).
 *
 *   first sending ── number, pin, publish ──▶ SENT in the task's words     who sends it on just names the number
 *   death of the task ── the reaper reads SENT ──▶ the outcome is left beside the words, for whoever has the handle
 *   death came first ── SENT is sealed ──▶ the spawner has the outcome, and leaves it there itself
 *
 * The spawner writes SENT by compare-and-set before the message goes out, and the reaper seals it by compare-and-set
 * after it has told the spawner: one of the two leaves the outcome, so that no receiver waits for ever, also if
 * the spawner is killed in between.
 */
import { fromParcel } from "../quipe/decode.ts";
import { toParcel } from "../quipe/parcels.ts";
import { QUIPE } from "../quipe/quipe-layout.ts";
import { publishParcel } from "../quipe/unsent.ts";
import { type Pinned, holdRegion } from "../memory/holding.ts";
import { knownOther, rememberOther } from "../memory/region-table.ts";
import { fetchBuffer, nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { type Life, announceSent, leaveOutcome, openLife } from "./life.ts";

const NONE: readonly Pinned[] = [];

/** The memory of a task whose handle travels, as one thread holds it. */
export class SentHandle implements Pinned {
  readonly id: number;
  readonly life: Life;
  heldIn = 0;
  isEntered = false;

  constructor(id: number, life: Life) {
    this.id = id;
    this.life = life;
  }

  get buffer(): SharedArrayBuffer {
    return this.life.buffer;
  }

  get words(): Int32Array {
    return this.life.words;
  }

  get neighbours(): readonly Pinned[] {
    return NONE;
  }

  /** Blocks for an exchange with the reaper. */
  about(): About {
    const [name, spawnedAt] = parcelWith(this.words[QUIPE.ABOUT] as number) as [string, string];
    return { name, spawnedAt };
  }
}

/** What a handle needs to know that does not change. */
export interface About {
  readonly name: string;
  /** The stack of the call that spawned the task. */
  readonly spawnedAt: string;
}

/**
 * Makes a handle known for the first time, in the task that spawned. `outcome` encodes what that task knows of the
 * end; it is asked only if the task is dead.
 */
export function sendFirst(life: Life, about: About, outcome: () => Parcel): SentHandle {
  const id = nextBufferId();
  const sent = new SentHandle(id, life);
  const aboutId = publishParcel(toParcel([about.name, about.spawnedAt]));
  life.words[QUIPE.ABOUT] = aboutId;
  rememberOther(id, sent);
  holdRegion(sent);
  publishBuffer({ id, buffer: life.buffer, holding: "pins", carries: [aboutId] });
  reportUnused(aboutId); // it lives by the handle alone
  if (!announceSent(life, id)) leaveMyself(sent, outcome());
  return sent;
}

/** The memory that came by number, held for this task. May block for an exchange with the reaper. */
export function openSent(id: number): SentHandle {
  const known = knownOther(id);
  if (known instanceof SentHandle) return known;
  const sent = new SentHandle(id, openLife(fetchBuffer(id)));
  rememberOther(id, sent);
  holdRegion(sent);
  return sent;
}

/** The value in a parcel that the directory has. Throws `released` if it is there no longer. */
export function parcelWith(id: number): unknown {
  return fromParcel({ bytes: fetchBuffer(id) });
}

/** The reaper did not know that the handle would be sent, so the spawner leaves the outcome. */
function leaveMyself({ id, life }: SentHandle, outcome: Parcel): void {
  const outcomeId = publishParcel(outcome);
  publishBuffer({ id, buffer: life.buffer, holding: "pins", carries: [outcomeId] });
  reportUnused(outcomeId);
  leaveOutcome(life, outcomeId);
}
