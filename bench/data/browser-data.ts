/** A deep tree as the world has it: which browser supports what, 380,000 objects, hardly two of a shape. */
import { createRequire } from "node:module";

/** A node of the tree; a leaf is a string, a number, a boolean or null. */
export interface Tree {
  readonly [key: string]: Tree | string | number | boolean | null;
}

/** Reads the whole tree, or a part of it. */
export function readBrowserData({ quick }: { readonly quick: boolean }): Tree {
  const data = createRequire(import.meta.url)("@mdn/browser-compat-data") as Tree;
  return quick ? (data["http"] as Tree) : data;
}
