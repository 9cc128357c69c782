/**
 * Real lists, Maps and Sets while they are being filled. They enter the identity cache before that, so that one that holds
 * itself finds itself; if an element cannot be shown, no more of them may be met there:
 *
 *   on its page ─▶ filled
 *               └─▶ an element throws: off its page, and so are all begun inside the outermost one, since those that are
 *                   whole may hold this one
 */
import { type Address, IDENTITY, OBJECT } from "./layout.ts";
import type { Page } from "./identity.ts";

interface Begun {
  readonly page: Page;
  readonly place: number;
}

/** All that were begun inside the outermost one, itself included. */
let begun: Begun[] = [];
let depth = 0;

/** How many are being filled inside each other. */
export function nesting(): number {
  return depth;
}

/** Enters a view and fills it. Throws what `fill` throws; then the view is nowhere to be found. */
export function fillView(view: object, page: Page, address: Address, fill: () => void): void {
  const place = (page.set.region.words[address + OBJECT.ORDINAL] as number) & IDENTITY.MASK;
  page[place] = view;
  begun.push({ page, place });
  depth++;
  try {
    fill();
  } catch (error) {
    if (depth === 1) for (const one of begun) one.page[one.place] = undefined;
    throw error; // what is around it fails, too
  } finally {
    depth--;
    if (depth === 0) begun = [];
  }
}
