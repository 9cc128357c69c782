/**
 * Finds the shape of a record from its keys, one key after the other.
 *
 *   root ── "id" ──▶ ○ ── "name" ──▶ ○ current shape, 3 fields widened so far
 *                    └─── "size" ──▶ ○ …
 *
 * Most nodes have one child, so that one is compared first and a Map is made only for a second one.
 */
import type { RowList } from "./distinct-rows.ts";
import type { FieldType } from "./layout.ts";
import { Shape, typeOf, widen } from "./shapes.ts";
import { TextUse } from "./text-writer.ts";

/** A prefix of key lists. Written by the encoding thread alone. */
export class KeyNode {
  readonly key: string;
  readonly parent: KeyNode | undefined;
  readonly depth: number;
  /** The current shape of the key list that ends here. */
  shape: Shape | undefined = undefined;
  /** What the strings of each field are like. */
  uses: TextUse[] = [];
  /** How many records of this key list were looked at closely. */
  inspected = 0;
  /** The one list that has all records of this key list so far, while they are not in the table of known objects. */
  rows: RowList | undefined = undefined;
  /** Whether records of this key list are in that table. */
  isEntered = false;
  onlyKey: string | undefined = undefined;
  onlyChild: KeyNode | undefined = undefined;
  #children: Map<string, KeyNode> | undefined = undefined;

  constructor(key: string, parent: KeyNode | undefined) {
    this.key = key;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Whether the rows of `rows` with this key list may stay out of the table of known objects. */
  claim(rows: RowList): boolean {
    if (this.rows === undefined && !this.isEntered) this.rows = rows;
    return this.rows === rows;
  }

  /** The node after this one by `key`. */
  child(key: string): KeyNode {
    if (this.onlyKey === key) return this.onlyChild as KeyNode;
    if (this.onlyChild === undefined) {
      this.onlyKey = key;
      this.onlyChild = new KeyNode(key, this);
      return this.onlyChild;
    }
    this.#children ??= new Map();
    let child = this.#children.get(key);
    if (child === undefined) {
      child = new KeyNode(key, this);
      this.#children.set(key, child);
    }
    return child;
  }

  #keys(): string[] {
    const keys: string[] = [];
    for (let node: KeyNode = this; node.parent !== undefined; node = node.parent)
      keys.push(node.key);
    return keys.reverse();
  }

  /** Makes the shape for a key list that ends here, wide enough for what came before and for `values`. */
  widenFor(values: readonly unknown[], id: number, nullPrototype: boolean): Shape {
    const before = this.shape;
    const types = values.slice(0, this.depth).map((value, index): FieldType => {
      const type = typeOf(value);
      return before === undefined ? type : widen(before.types[index] as FieldType, type);
    });
    if (before === undefined) this.uses = types.map(() => new TextUse());
    const keys = before?.keys ?? this.#keys();
    this.shape = new Shape(id, { keys, types, nullPrototype });
    return this.shape;
  }
}
