/**
 * A region: one self-contained graph in one SharedArrayBuffer, as this thread sees it.
 *
 *   Region ─ words, numbers, text ─▶ SharedArrayBuffer (layout.ts)
 *          ├ shapes ─ decoded when first needed
 *          └ frozen ─ ViewSet: the plain frozen view
 *
 * There is one Region object for each region and thread, in a table by number.
 */
import { invariant, QuipeError } from "../errors.ts";
import * as atomics from "../runtime/atomics.ts";
import { type Encoded, encode } from "./encoder.ts";
import { ViewSet } from "./identity.ts";
import {
  type FieldType,
  HEADER,
  HEAP_START,
  MAGIC,
  SHAPE,
  SHAPE_BITS,
  SHAPE_FIELD,
  STATE,
  VERSION,
} from "./layout.ts";
import { Shape } from "./shapes.ts";
import { readShuffled } from "./slots.ts";
import { TextReader } from "./text-reader.ts";
import { makeFrozen } from "./views.ts";
import { writeImage } from "./write-image.ts";

const regions = new Map<number, WeakRef<Region>>();

/** One region as one thread sees it. */
export class Region {
  /** The number under which every thread knows it. */
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  /** All words. Replaced when the region grows, by its owner alone. */
  words: Int32Array;
  numbers: Float64Array;
  text: TextReader;
  /** Whether editing has moved records: see `EDITS.SHUFFLED`. */
  isShuffled: boolean;
  /** The views of this region while it is frozen. */
  frozen: ViewSet;
  readonly #shapes: (Shape | undefined)[] = [];
  readonly #neighbours = new Map<number, Region>();

  /** Opens the memory of a region. Use `createRegion` or `openRegion`, which keep one object per region. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    if (this.words[HEADER.MAGIC] !== MAGIC || this.words[HEADER.VERSION] !== VERSION) {
      throw new QuipeError(
        "not-shareable",
        "This buffer does not hold a region of this version of quipe.",
      );
    }
    this.numbers = new Float64Array(buffer);
    this.id = this.words[HEADER.ID] as number;
    this.text = new TextReader(buffer, this.words[HEADER.TEXT] as number);
    this.isShuffled = readShuffled(this.words);
    this.frozen = new ViewSet(this, makeFrozen);
  }

  /** One of `STATE`. */
  get state(): number {
    return atomics.load(this.words, HEADER.STATE);
  }

  /** Whether nobody may write. */
  get isFrozen(): boolean {
    const { state } = this;
    return state === STATE.FROZEN || state === STATE.FROZEN_FOR_EVER;
  }

  /** The shape with number `id`. */
  shape(id: number): Shape {
    return this.#shapes[id] ?? this.#readShape(id);
  }

  /** The region with number `id`, which this one refers to; opened with `fetch` if this thread has not met it. */
  neighbour(id: number, fetch: (id: number) => SharedArrayBuffer): Region {
    let region = this.#neighbours.get(id);
    if (region === undefined) {
      region = knownRegion(id) ?? openRegion(fetch(id));
      this.#neighbours.set(id, region);
    }
    return region;
  }

  /** Notes that this region refers to `other`, which thereby stays in use. */
  refersTo(other: Region): void {
    this.#neighbours.set(other.id, other);
  }

  /** The regions that this one is known to refer to. */
  get neighbours(): readonly Region[] {
    return [...this.#neighbours.values()];
  }

  #readShape(id: number): Shape {
    invariant(id < (this.words[HEADER.SHAPES] as number), `region ${this.id} has no shape ${id}`);
    while (this.#shapes.length <= id) this.#shapes.push(undefined);
    const shape = readShape(this, id);
    this.#shapes[id] = shape;
    return shape;
  }
}

/** Decodes the shape with number `id`. */
function readShape(region: Region, id: number): Shape {
  const { words } = region;
  const address = words[(words[HEADER.SHAPE_TABLE] as number) + id] as number;
  const keys: string[] = [];
  const types: FieldType[] = [];
  for (let i = 0; i < (words[address + SHAPE.FIELDS] as number); i++) {
    const field = address + SHAPE.WORDS + i * SHAPE_FIELD.WORDS;
    const typeAndOffset = words[field + SHAPE_FIELD.TYPE_AND_OFFSET] as number;
    keys.push(region.text.read(words[field + SHAPE_FIELD.KEY] as number));
    types.push((typeAndOffset & ((1 << SHAPE_FIELD.OFFSET_SHIFT) - 1)) as FieldType);
  }
  const bits = words[address + SHAPE.BITS] as number;
  return new Shape(id, { keys, types, nullPrototype: (bits & SHAPE_BITS.NULL_PROTOTYPE) !== 0 });
}

/** Copies `value` into a new frozen region with number `id`. Throws `not-shareable` and changes nothing. */
export function createRegion(value: unknown, id: number): Region {
  const encoded: Encoded = encode(value);
  const region = new Region(writeImage(encoded, id));
  for (const other of encoded.references) region.refersTo(other);
  return remember(region);
}

/** The regions that `region`, made in this thread, refers to: whoever publishes it publishes them too. */
export function referencedRegions(region: Region): readonly Region[] {
  return region.neighbours;
}

/** The region in `buffer`: the same object each time in one thread. */
export function openRegion(buffer: SharedArrayBuffer): Region {
  const id = new Int32Array(buffer, 0, HEAP_START)[HEADER.ID] as number;
  const known = knownRegion(id);
  if (known !== undefined && known.buffer === buffer) return known;
  return remember(new Region(buffer));
}

function remember(region: Region): Region {
  regions.set(region.id, new WeakRef(region));
  return region;
}

/** The region with number `id` if this thread has opened it and still uses it. */
export function knownRegion(id: number): Region | undefined {
  return regions.get(id)?.deref();
}

/** Takes the region with number `id` out of this thread's table. */
export function forgetRegion(id: number): void {
  regions.delete(id);
}
