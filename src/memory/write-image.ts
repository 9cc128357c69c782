/**
 * Puts a finished draft into shared memory: header, objects, shapes, text, in this order.
 *
 * The buffer is exactly as large as needed. Nobody knows of it before it is returned, so plain writes
 * suffice; what hands it to another thread orders them.
 */
import type { Draft } from "./draft.ts";
import type { Encoded } from "./encoder.ts";
import {
  type Address,
  evenWords,
  HEADER,
  MAGIC,
  SHAPE,
  SHAPE_BITS,
  SHAPE_FIELD,
  STATE,
  VERSION,
} from "./layout.ts";
import type { Shape } from "./shapes.ts";
import { TextUse } from "./text-writer.ts";

/** The memory of a new frozen region with number `id`. */
export function writeImage({ draft, shapes }: Encoded, id: number): SharedArrayBuffer {
  const use = new TextUse();
  const words = finishDraft(
    draft,
    shapes.map((shape) => writeShape(draft, shape, use)),
  );
  draft.words[HEADER.ID] = id;
  const buffer = new SharedArrayBuffer(words * 4);
  writeDraft(draft, new Int32Array(buffer));
  return buffer;
}

/** Writes the table of the shapes at `shapes`, and the header. Returns how many words the image has. */
export function finishDraft(draft: Draft, shapes: readonly Address[]): number {
  draft.reserve(evenWords(shapes.length));
  const table = draft.top;
  draft.words.set(shapes, table);
  draft.top += evenWords(shapes.length);
  const text = draft.top;
  const { words } = draft;
  words[HEADER.MAGIC] = MAGIC;
  words[HEADER.VERSION] = VERSION;
  words[HEADER.STATE] = STATE.FROZEN;
  words[HEADER.ORDINALS] = draft.ordinals;
  words[HEADER.SHAPES] = shapes.length;
  words[HEADER.SHAPE_TABLE] = table;
  words[HEADER.SHAPE_CAPACITY] = evenWords(shapes.length);
  words[HEADER.TEXT] = text;
  words[HEADER.TEXT_TOP] = draft.text.top;
  words[HEADER.TEXT_END] = draft.text.top;
  words[HEADER.TOP] = evenWords(text + draft.text.top);
  return words[HEADER.TOP] as number;
}

/** Copies a finished draft to the beginning of `target`, once: its memory is given back. */
export function writeDraft(draft: Draft, target: Int32Array): void {
  const text = draft.top;
  target.set(draft.words.subarray(0, text));
  target.set(draft.text.words.subarray(0, draft.text.top), text);
  draft.release();
}

/** Writes one shape behind what is there; its keys go to the draft's text. */
export function writeShape(draft: Draft, shape: Shape, use: TextUse): Address {
  const size = SHAPE.WORDS + shape.keys.length * SHAPE_FIELD.WORDS;
  draft.reserve(size);
  const address = draft.top;
  draft.top += size;
  const { words } = draft;
  words[address + SHAPE.FIELDS] = shape.keys.length;
  words[address + SHAPE.RECORD_WORDS] = shape.words;
  words[address + SHAPE.BITS] = shape.nullPrototype ? SHAPE_BITS.NULL_PROTOTYPE : 0;
  words[address + SHAPE.STRUCT] = 0;
  if (shape.structName !== undefined)
    draft.writeText(address + SHAPE.STRUCT, shape.structName, use);
  shape.keys.forEach((key, index) => {
    const field = address + SHAPE.WORDS + index * SHAPE_FIELD.WORDS;
    const type = shape.types[index] as number;
    const offset = shape.offsets[index] as number;
    draft.writeText(field + SHAPE_FIELD.KEY, key, use);
    draft.words[field + SHAPE_FIELD.TYPE_AND_OFFSET] = type | (offset << SHAPE_FIELD.OFFSET_SHIFT);
  });
  return address;
}
