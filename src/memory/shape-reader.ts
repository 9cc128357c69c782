/** Reads the shapes of a region, which its shape table lists. */
import { type FieldType, HEADER, SHAPE, SHAPE_BITS, SHAPE_FIELD } from "./layout.ts";
import type { Region } from "./region.ts";
import { Shape } from "./shapes.ts";

/** Decodes the shape with number `id`. */
export function readShape(region: Region, id: number): Shape {
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
  const struct = words[address + SHAPE.STRUCT] as number;
  const structName = struct === 0 ? undefined : region.text.read(struct);
  return new Shape(id, {
    keys,
    types,
    nullPrototype: (bits & SHAPE_BITS.NULL_PROTOTYPE) !== 0,
    structName,
  });
}
