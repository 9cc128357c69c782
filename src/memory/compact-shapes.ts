/**
 * The shapes of a compact image: those in use, numbered anew in the order in which they are met.
 *
 *   number before ──▶ plan: head and words of a record, and the fields that are more than bits
 *
 * Dictionaries with few keys, which is what records become when they are edited, are records again
 * afterwards, of the latest shape that their keys had, or of a wider one.
 */
import type { Draft } from "./draft.ts";
import type { TextMover } from "./compact-text.ts";
import {
  type Address,
  FIELD,
  HEADER,
  KIND,
  MAXIMUM_SHAPES,
  SHAPE,
  SHAPE_BITS,
  SHAPE_FIELD,
  SHAPE_SHIFT,
} from "./layout.ts";
import type { Region } from "./region.ts";
import { KeyNode } from "./shape-tree.ts";
import { holdsValue, type Shape } from "./shapes.ts";

/** How the records of one shape are copied. */
export interface RecordPlan {
  /** The first word of a record. */
  readonly head: number;
  readonly words: number;
  /** Type and offset of each field that holds text or leads somewhere, as shapes hold them. */
  readonly steps: Int32Array;
}

/** The type in a step. */
export const STEP_TYPE: number = (1 << SHAPE_FIELD.OFFSET_SHIFT) - 1;

/** A record to be: what its keys and values are. */
export interface Fields {
  readonly keys: readonly string[];
  /** The text references of the keys, as they were before. */
  readonly keyTexts: readonly number[];
  /** Values that fit the same types as the real ones. */
  readonly values: readonly unknown[];
  readonly isBare: boolean;
}

interface MadeShape {
  readonly shape: Shape;
  readonly keyTexts: readonly number[];
}

/** The shapes of one compact image in the making. */
export class ShapePlans {
  readonly #region: Region;
  readonly #count: number;
  readonly #plans: (RecordPlan | undefined)[] = [];
  /** Numbers before, by number now. Those of shapes made here follow those that the region had. */
  readonly #used: number[] = [];
  readonly #made: MadeShape[] = [];
  #trees: { readonly plain: KeyNode; readonly bare: KeyNode } | undefined = undefined;

  constructor(region: Region) {
    this.#region = region;
    this.#count = region.words[HEADER.SHAPES] as number;
  }

  /** How records of the shape with number `id` are copied. */
  plan(id: number): RecordPlan {
    return (this.#plans[id] ??= this.#makePlan(id));
  }

  #makePlan(id: number): RecordPlan {
    const number = this.#used.push(id) - 1;
    while (this.#plans.length <= id) this.#plans.push(undefined);
    const head = KIND.RECORD | (number << SHAPE_SHIFT);
    const made = this.#made[id - this.#count];
    if (made !== undefined) {
      return { head, words: made.shape.words, steps: new Int32Array(0) };
    }
    const { words } = this.#region;
    const address = this.#addressOf(id);
    const steps: number[] = [];
    for (let i = 0; i < (words[address + SHAPE.FIELDS] as number); i++) {
      const step = words[fieldAt(address, i) + SHAPE_FIELD.TYPE_AND_OFFSET] as number;
      if (NEEDS_WORK.has(step & STEP_TYPE)) steps.push(step);
    }
    return {
      head,
      words: words[address + SHAPE.RECORD_WORDS] as number,
      steps: Int32Array.from(steps),
    };
  }

  #addressOf(id: number): Address {
    const { words } = this.#region;
    return words[(words[HEADER.SHAPE_TABLE] as number) + id] as Address;
  }

  /** A shape for records with these fields; undefined if there are too many shapes. */
  shapeFor(fields: Fields): Shape | undefined {
    const { keys, keyTexts, values, isBare } = fields;
    this.#trees ??= this.#plantTrees();
    let node = isBare ? this.#trees.bare : this.#trees.plain;
    for (const key of keys) node = node.child(key);
    const known = node.shape;
    if (known?.types.every((type, index) => holdsValue(type, values[index])) === true) return known;
    if (this.#count + this.#made.length >= MAXIMUM_SHAPES) return undefined;
    const shape = node.widenFor(values, this.#count + this.#made.length, isBare);
    this.#made.push({ shape, keyTexts });
    return shape;
  }

  #plantTrees(): { readonly plain: KeyNode; readonly bare: KeyNode } {
    const trees = { plain: new KeyNode("", undefined), bare: new KeyNode("", undefined) };
    for (let id = 0; id < this.#count; id++) {
      const shape = this.#region.shape(id);
      if (shape.structName !== undefined) continue;
      let node = shape.nullPrototype ? trees.bare : trees.plain;
      for (const key of shape.keys) node = node.child(key);
      node.shape = shape;
    }
    return trees;
  }

  /** Writes the shapes in use behind what is in `draft`; their addresses. */
  write(draft: Draft, text: TextMover): Address[] {
    return this.#used.map((id) => {
      const made = this.#made[id - this.#count];
      return made === undefined ? this.#copy(draft, text, id) : writeMade(draft, text, made);
    });
  }

  #copy(draft: Draft, text: TextMover, id: number): Address {
    const source = this.#region.words;
    const from = this.#addressOf(id);
    const to = placeShape(draft, source[from + SHAPE.FIELDS] as number);
    const { words } = draft;
    const end = draft.top - to;
    for (let i = 0; i < end; i++) words[to + i] = source[from + i] as number;
    const struct = words[to + SHAPE.STRUCT] as number;
    if (struct !== 0) words[to + SHAPE.STRUCT] = text.move(struct);
    for (let key = SHAPE.WORDS + SHAPE_FIELD.KEY; key < end; key += SHAPE_FIELD.WORDS) {
      words[to + key] = text.move(words[to + key] as number);
    }
    return to;
  }
}

function writeMade(draft: Draft, text: TextMover, { shape, keyTexts }: MadeShape): Address {
  const to = placeShape(draft, shape.keys.length);
  const { words } = draft;
  words[to + SHAPE.FIELDS] = shape.keys.length;
  words[to + SHAPE.RECORD_WORDS] = shape.words;
  words[to + SHAPE.BITS] = shape.nullPrototype ? SHAPE_BITS.NULL_PROTOTYPE : 0;
  words[to + SHAPE.STRUCT] = 0;
  keyTexts.forEach((key, index) => {
    const type = shape.types[index] as number;
    const offset = shape.offsets[index] as number;
    words[fieldAt(to, index) + SHAPE_FIELD.KEY] = text.move(key);
    words[fieldAt(to, index) + SHAPE_FIELD.TYPE_AND_OFFSET] =
      type | (offset << SHAPE_FIELD.OFFSET_SHIFT);
  });
  return to;
}

function placeShape(draft: Draft, fields: number): Address {
  const size = SHAPE.WORDS + fields * SHAPE_FIELD.WORDS;
  draft.reserve(size);
  const address = draft.top;
  draft.top += size;
  return address;
}

function fieldAt(shape: Address, index: number): Address {
  return shape + SHAPE.WORDS + index * SHAPE_FIELD.WORDS;
}

/** Types of fields that are more than bits to be copied. */
const NEEDS_WORK: ReadonlySet<number> = new Set([
  FIELD.STRING,
  FIELD.STRING_OR_NULL,
  FIELD.REFERENCE,
  FIELD.REFERENCE_OR_NULL,
  FIELD.ANY,
]);
