/** The two sides of a quipe in this task: what all its ends there share. */
import { knownOther, rememberOther } from "../memory/region-table.ts";
import { thisThread } from "../sync/thread.ts";
import { End } from "./end.ts";
import { nextBufferId } from "../sync/buffers.ts";
import { ENDS } from "./ends-layout.ts";
import { type Handle, takeHandle } from "./handles.ts";
import { type Explain, Inlet } from "./inlet.ts";
import type { LiveHandle } from "./live-handle.ts";
import { Losses } from "./losses.ts";
import { Outlet } from "./outlet.ts";
import { QuipeMemory, type QuipePlan, type Side, createQuipe } from "./quipe-memory.ts";
import { ANSWER_SIZE } from "./request.ts";

/** What an end is made of. */
export interface EndParts {
  readonly handle: Handle;
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  /** Makes the two ends of another quipe, for an answer. */
  readonly pairForAnswer: () => readonly [End, End];
}

/** The same, for those who do with an end what its methods do not. */
export interface Inside {
  readonly live: LiveHandle;
  readonly outlet: Outlet;
  readonly inlet: Inlet;
}

/** The two ends of a new quipe, both of this task. */
export interface Pair {
  readonly memory: QuipeMemory;
  open(): [End, End];
}

interface SideParts {
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  readonly slot: number;
  readonly generation: number;
}

const known = new WeakMap<QuipeMemory, [SideParts | undefined, SideParts | undefined]>();

/** The end that a handle of this task stands for. */
export function endOf(handle: Handle, explain?: Explain): End {
  const { outlet, inlet } = partsOf(handle, explain);
  return new End({ handle, outlet, inlet, pairForAnswer });
}

/** The same for a handle that nobody else looks after. */
export function ownEndOf(handle: Handle): End {
  const end = endOf(handle);
  End.watchForLeak(end);
  return end;
}

/** Makes a quipe whose ends are both this task's once it is opened. */
export function newPair(plan: QuipePlan): Pair {
  const memory = new QuipeMemory(createQuipe({ ...plan, isOfTask: false }));
  memory.words[ENDS.ID] = nextBufferId();
  rememberOther(memory.id, memory);
  const { slot } = thisThread().task;
  const handles = [takeHandle(memory, 0, slot), takeHandle(memory, 1, slot)] as const;
  return { memory, open: () => [ownEndOf(handles[0]), ownEndOf(handles[1])] };
}

function pairForAnswer(): readonly [End, End] {
  return newPair(ANSWER_SIZE).open();
}

/** The end on one side of a quipe that this task was born with: the first handle of that side. */
export function openEnd<Out, In>(
  buffer: SharedArrayBuffer,
  side: Side,
  explain?: Explain,
): End<Out, In> {
  const memory = memoryOf(buffer);
  return endOf({ memory, side, entry: 0 }, explain) as End<Out, In>;
}

/** The memory of a quipe: the same object each time in this task, if it has a number. */
function memoryOf(buffer: SharedArrayBuffer): QuipeMemory {
  const memory = new QuipeMemory(buffer);
  const { id } = memory;
  if (id === 0) return memory;
  const before = knownOther(id);
  if (before instanceof QuipeMemory) return before;
  rememberOther(id, memory);
  return memory;
}

function partsOf({ memory, side }: Handle, explain: Explain | undefined): SideParts {
  const { slot, generation } = thisThread().task;
  const sides = known.get(memory) ?? [undefined, undefined];
  const before = sides[side];
  if (before !== undefined && before.slot === slot && before.generation === generation) {
    renew(before); // the handle has been elsewhere, where it may have been cloned
    return before;
  }
  const parts: SideParts = {
    outlet: new Outlet(memory, side, new Losses(memory, side)),
    inlet: new Inlet(memory, side, explain),
    slot,
    generation,
  };
  sides[side] = parts;
  known.set(memory, sides);
  return parts;
}

function renew({ outlet, inlet }: SideParts): void {
  outlet.renewHalf();
  inlet.renewHalf();
}
