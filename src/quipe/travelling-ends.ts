/**
 * Ends on their way to other tasks, in any message: what the codec does with them.
 *
 *   sender     letGo: in transit, under a token ── message ── depart: away
 *   receiver   arrive: in transit again, its own ── message acknowledged ── settle
 *
 * The message carries the number of the quipe's memory, which keeps that alive, and the token, by which the reaper sees
 * whether the end is still on its way (task/ends-burial.ts).
 */
import { QuipeError } from "../errors.ts";
import { holdRegion, isPublished } from "../memory/holding.ts";
import { HANDLE_KIND, type Ticket, letTravel } from "../memory/references.ts";
import { knownOther, rememberOther } from "../memory/region-table.ts";
import { fetchBuffer, nextBufferId } from "../sync/buffers.ts";
import { thisThread } from "../sync/thread.ts";
import { noteArrival } from "./arrivals.ts";
import { letGoIfUnused } from "./closing.ts";
import { End } from "./end.ts";
import { type Handle, arrive, comeBack, depart, letGo } from "./handles.ts";
import { publishQuipe } from "./publishing.ts";
import { QuipeMemory, type Side } from "./quipe-memory.ts";
import { letRequestsTravel } from "./request.ts";
import { ownEndOf } from "./sides.ts";

/** Makes ends known to messages on this thread. */
export function letEndsTravel(): void {
  letRequestsTravel();
  letTravel({
    code: HANDLE_KIND.end,
    isMoved: true,
    isBindable: false,
    isOne: (value) => value instanceof End,
    ticketOf: (end) => ticketOf(end as End),
    open: arriving,
  });
}

function ticketOf(end: End): Ticket {
  const { live } = End.insideOf(end);
  const { handle } = live;
  const gone = live.takeOff();
  const { memory, side, entry } = handle;
  publishQuipe(memory);
  const token = nextBufferId();
  letGo(handle, token);
  const { slot } = thisThread().task;
  return {
    numbers: [memory.id, side, entry, token],
    carries: [memory.id, token],
    traveller: {
      comeBack() {
        comeBack(handle);
        gone.comeBack();
      },
      takeOffAgain() {
        if (!live.isOpen) return;
        live.takeOff();
        publishQuipe(memory);
        letGo(handle, token);
      },
      depart() {
        depart(handle, token, slot);
        gone.depart();
        letGoIfUnused(memory); // from here on the message keeps it
      },
    },
  };
}

function arriving([id, side, entry, token]: readonly number[]): End {
  const memory = memoryOf(id as number);
  const handle: Handle = { memory, side: side as Side, entry: entry as number };
  if (!arrive(handle, token as number, thisThread().task.slot)) {
    throw new QuipeError("moved", "The end in this message belongs to another task by now.");
  }
  noteArrival(handle);
  return ownEndOf(handle);
}

function memoryOf(id: number): QuipeMemory {
  const known = knownOther(id);
  const memory = known instanceof QuipeMemory ? known : new QuipeMemory(fetchBuffer(id));
  if (memory !== known) rememberOther(id, memory);
  if (!isPublished(memory)) holdRegion(memory);
  return memory;
}
