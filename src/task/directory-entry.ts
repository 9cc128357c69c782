/** One shared buffer in the reaper's directory: what it carries, and whether anything holds it (directory.ts). */
import { isGuard } from "../memory/guard-repair.ts";
import { pinnedWords } from "../memory/pins.ts";
import { isUnclaimed, ownerSlot } from "../memory/titles.ts";
import { keptByNames } from "../namespace/kept-names.ts";
import { isNamespace } from "../namespace/versions.ts";
import type { QuipeMemory } from "../quipe/quipe-memory.ts";
import type { Publication } from "../sync/messages.ts";

/** A shared buffer that the directory keeps. */
export interface Entry extends Omit<Publication, "carries"> {
  carries: readonly number[];
  readonly words: Int32Array;
  /** The tasks that published it, as slots. */
  readonly publishers: Set<number>;
  /** What makes the engine count the buffer in this thread too, which holds it as long. */
  readonly ballast: ArrayBuffer | undefined;
  /** Of a quipe. */
  readonly quipe: QuipeMemory | undefined;
}

/** Who edits a region that it did not make knows only those neighbours that it has met; of a guard all is known. */
export function carriesOf(
  { carries }: Publication,
  words: Int32Array,
  known: Entry | undefined,
): readonly number[] {
  return isGuard(words) ? carries : [...new Set([...(known?.carries ?? []), ...carries])];
}

/** What is alive with a buffer: of a namespace what its names are bound to now. */
export function carriedBy({ words, buffer, carries }: Entry): readonly number[] {
  return isNamespace(words) ? keptByNames(buffer) : carries;
}

/** All that a buffer has grown to. */
export function wordsNow({ buffer }: Entry): Int32Array {
  return new Int32Array(buffer, 0, buffer.byteLength >> 2);
}

/** The same of an entry, if there is one. */
export function allWords(entry: Entry | undefined): Int32Array | undefined {
  return entry === undefined ? undefined : wordsNow(entry);
}

/** Whether it lives by the pins in it. */
export function isPinnable({ holding }: Pick<Entry, "holding">): boolean {
  return holding === "pins" || holding === "ends";
}

/** Whether it lives by something else than messages and what carries it. */
export function isHeld({ holding, words, publishers }: Entry): boolean {
  if (!isPinnable({ holding })) return publishers.size > 0;
  if (pinnedWords(words)) return true;
  // Who publishes it has sent an end: until it says that it has no more use for it, the message may be on its way here.
  if (holding === "ends") return publishers.size > 0;
  // Who had it before may have a view still, and can take over what is left to it.
  return publishers.size > 0 && (isUnclaimed(words) || publishers.has(ownerSlot(words)));
}
