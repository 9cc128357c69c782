/**
 * Real lists, Maps and Sets while they are being filled. They enter the identity cache before that, so that one that holds
 * itself finds itself; if an element cannot be shown, no more of them may be met there:
 *
 *   beginView ─▶ on its page ─▶ filled ─▶ completeView
 *                             └─▶ an element throws ─▶ abandonView: off its page, and so are all begun inside the outermost
 *                                 one, since those that are whole may hold this one
 */
import { type Address, IDENTITY, OBJECT } from "./layout.ts";
import type { Page } from "./identity.ts";

/** The pages and places of all that were begun inside the outermost one, itself included. */
const pages: Page[] = [];
const places: number[] = [];

let depth = 0;

/** How many are being filled inside each other. */
export function nesting(): number {
  return depth;
}

/** Enters a view that is to be filled. */
export function beginView(view: object, page: Page, address: Address): void {
  const place = (page.set.region.words[address + OBJECT.ORDINAL] as number) & IDENTITY.MASK;
  page[place] = view;
  pages.push(page);
  places.push(place);
  depth++;
}

/** The innermost view is full. */
export function completeView(): void {
  depth--;
  if (depth === 0) forget();
}

/** The innermost view cannot be filled. */
export function abandonView(): void {
  depth--;
  if (depth > 0) return; // what is around it fails, too
  for (const [index, page] of pages.entries()) page[places[index] as number] = undefined;
  forget();
}

function forget(): void {
  pages.length = 0;
  places.length = 0;
}
