/**
 * Reads value slots and references on behalf of frozen views.
 *
 * A view builds the objects below it at once only where the encoder marked them eager, which bounds
 * the work and rules out cycles; everything else it reaches through getters when asked.
 */
import type { Page } from "./identity.ts";
import { type Address, EDITS, FLAG, HEADER, KIND, KIND_MASK, SLOT, TAG } from "./layout.ts";
import type { Region } from "./region.ts";

/** What a slot with a hole reads as, for callers that tell holes from undefined. */
export function isHole(region: Region, slot: Address): boolean {
  return region.words[slot + SLOT.HIGH] === TAG.HOLE;
}

/** The value in a slot; objects come through the identity cache of `page`. */
export function readSlot(region: Region, slot: Address, page: Page): unknown {
  const high = region.words[slot + SLOT.HIGH] as number;
  if (high < TAG.FIRST || high >= 0) return region.numbers[slot >> 1];
  const low = region.words[slot + SLOT.LOW] as number;
  switch (high) {
    case TAG.STRING:
      return region.text.read(low);
    case TAG.REFERENCE:
      return page.view(low);
    case TAG.NULL:
      return null;
    case TAG.TRUE:
      return true;
    case TAG.FALSE:
      return false;
    default:
      return undefined;
  }
}

/** Whether the object at `address` is built together with its holder. */
export function isEager(region: Region, address: Address): boolean {
  const head = region.words[address] as number;
  return (head & FLAG.EAGER) !== 0 && !region.isShuffled;
}

/** Whether a slot leads to an object that its holder reaches through a getter. */
export function isLazySlot(region: Region, slot: Address): boolean {
  if (region.words[slot + SLOT.HIGH] !== TAG.REFERENCE) return false;
  const address = region.words[slot + SLOT.LOW] as number;
  return (
    !isEager(region, address) && ((region.words[address] as number) & KIND_MASK) !== KIND.BIGINT
  );
}

/** Whether editing has replaced records, so that rows and closed subtrees are no longer what they were. */
export function readShuffled(words: Int32Array): boolean {
  return ((words[HEADER.EDITS] as number) & EDITS.SHUFFLED) !== 0;
}
