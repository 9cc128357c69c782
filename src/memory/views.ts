/**
 * From an address to the JavaScript object that shows what lies there.
 */
import { invariant } from "../errors.ts";
import { makeBox } from "./box-views.ts";
import { makeDictionary } from "./dictionaries.ts";
import type { Page } from "./identity.ts";
import { type Address, FOREIGN, FORWARD, HEADER, KIND, KIND_MASK, OBJECT } from "./layout.ts";
import { makeList } from "./lists.ts";
import { makeRecord } from "./records.ts";
import type { Region } from "./region.ts";
import { readSlot } from "./slots.ts";

/** The view of the object at `address` of `region`: the same one for as long as anybody holds it. */
export function viewAt(region: Region, address: Address): unknown {
  return region.frozen.view(address);
}

/** What the region was made from. */
export function rootOf(region: Region): unknown {
  return readSlot(region, HEADER.ROOT, region.frozen.page(0));
}

/** What the owner of the region edits it through. */
export function editableRoot(region: Region): unknown {
  return readSlot(region, HEADER.ROOT, region.edited.page(0));
}

/** Builds the frozen view of the object at `address`. */
export function makeFrozen(region: Region, address: Address, page: Page): unknown {
  const kind = (region.words[address + OBJECT.HEAD] as number) & KIND_MASK;
  switch (kind) {
    case KIND.RECORD:
      return makeRecord(region, address, page);
    case KIND.LIST_INTEGERS:
    case KIND.LIST_NUMBERS:
    case KIND.LIST_STRINGS:
    case KIND.LIST_REFERENCES:
    case KIND.LIST_VALUES:
      return makeList(region, address, page);
    case KIND.DICTIONARY:
      return makeDictionary(region, address, page);
    case KIND.FORWARD:
      return makeFrozen(region, region.words[address + FORWARD.TARGET] as Address, page);
    case KIND.FOREIGN:
      return foreignView(region, address);
    default: {
      const box = makeBox(region, address, page);
      invariant(box !== undefined, `region ${region.id} has an object of unknown kind ${kind}`);
      return box;
    }
  }
}

/** The view of an object of another region. */
export function foreignView(region: Region, address: Address): unknown {
  const other = region.neighbour(region.words[address + FOREIGN.REGION] as number);
  return viewAt(other, region.words[address + FOREIGN.ADDRESS] as Address);
}
