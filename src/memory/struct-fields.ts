/**
 * The accessors of struct fields: one closure for each field, no generated code; optimisers inline them.
 *
 * Reading checks that the view is live, one plain field. Writing also checks that this thread may write,
 * one more, and the type of the value, which is refused and never converted.
 */
import { editorOf } from "./editors.ts";
import { type Page, Stamp } from "./identity.ts";
import { FIELD, type FieldType } from "./layout.ts";
import type { Region } from "./region.ts";
import { refuseEditing } from "./shared-maps.ts";
import { readSlot } from "./slots.ts";
import { checkType, stagedValues } from "./struct-instances.ts";

/** One field of a struct class. */
export interface FieldPlace {
  readonly key: string;
  /** Its place among the fields. */
  readonly index: number;
  readonly type: FieldType;
  /** Words from the start of a record. */
  readonly offset: number;
}

/** The property that reads and writes a field. */
export function accessor(field: FieldPlace): PropertyDescriptor {
  const { get, set } = accessorsOf(field);
  return { get, set, enumerable: true, configurable: true };
}

interface Accessors {
  get(this: object): unknown;
  set(this: object, value: never): void;
}

function accessorsOf(field: FieldPlace): Accessors {
  switch (field.type) {
    case FIELD.NUMBER:
      return numberAccessors(field);
    case FIELD.INTEGER:
      return integerAccessors(field);
    case FIELD.BOOLEAN:
      return wordAccessors(
        field,
        (_region, word) => word !== 0,
        (_region, value) => Number(value),
      );
    case FIELD.STRING:
    case FIELD.STRING_OR_NULL:
      return wordAccessors(
        field,
        (region, word) => (word === 0 ? null : region.text.read(word)),
        (region, value) => (value === null ? 0 : editorOf(region).text(value as string)),
      );
    case FIELD.ANY:
      return slotAccessors(field);
    default:
      return wordAccessors(
        field,
        (_region, word, page) => (word === 0 ? null : page.view(word)),
        (region, value) => (value === null ? 0 : editorOf(region).address(value as object)),
      );
  }
}

function numberAccessors(field: FieldPlace): Accessors {
  const { offset, key } = field;
  return {
    get() {
      const page = Stamp.pageOf(this);
      if (page === undefined) return readStaged(this, field);
      if (!page.set.live) page.set.stale();
      return page.set.region.numbers[(Stamp.addressOf(this) + offset) >> 1];
    },
    set(value: unknown) {
      if (typeof value !== "number") checkType(key, FIELD.NUMBER, value);
      const page = Stamp.pageOf(this);
      if (page === undefined) return writeStaged(this, field, value);
      const { region } = page.set;
      if (!region.isOwned) refuseEditing(region);
      region.numbers[(Stamp.addressOf(this) + offset) >> 1] = value as number;
    },
  };
}

function integerAccessors(field: FieldPlace): Accessors {
  const { offset, key } = field;
  return {
    get() {
      const page = Stamp.pageOf(this);
      if (page === undefined) return readStaged(this, field);
      if (!page.set.live) page.set.stale();
      return page.set.region.words[Stamp.addressOf(this) + offset];
    },
    set(value: unknown) {
      checkType(key, FIELD.INTEGER, value);
      const page = Stamp.pageOf(this);
      if (page === undefined) return writeStaged(this, field, value);
      const { region } = page.set;
      if (!region.isOwned) refuseEditing(region);
      region.words[Stamp.addressOf(this) + offset] = value as number;
    },
  };
}

type Decode = (region: Region, word: number, page: Page) => unknown;
type Encode = (region: Region, value: unknown) => number;

function wordAccessors(field: FieldPlace, decode: Decode, encode: Encode): Accessors {
  const { offset, key, type } = field;
  return {
    get() {
      const page = Stamp.pageOf(this);
      if (page === undefined) return readStaged(this, field);
      if (!page.set.live) page.set.stale();
      const { region } = page.set;
      return decode(region, region.words[Stamp.addressOf(this) + offset] as number, page);
    },
    set(value: unknown) {
      checkType(key, type, value);
      const page = Stamp.pageOf(this);
      if (page === undefined) return writeStaged(this, field, value);
      const { region } = page.set;
      if (!region.isOwned) refuseEditing(region);
      // Encoding may replace the words of the region, so they are looked up after it.
      const word = encode(region, value);
      region.words[Stamp.addressOf(this) + offset] = word;
    },
  };
}

function slotAccessors(field: FieldPlace): Accessors {
  const { offset } = field;
  return {
    get() {
      const page = Stamp.pageOf(this);
      if (page === undefined) return readStaged(this, field);
      if (!page.set.live) page.set.stale();
      return readSlot(page.set.region, Stamp.addressOf(this) + offset, page);
    },
    set(value: unknown) {
      const page = Stamp.pageOf(this);
      if (page === undefined) return writeStaged(this, field, value);
      const { region } = page.set;
      if (!region.isOwned) refuseEditing(region);
      editorOf(region).writeSlot(Stamp.addressOf(this) + offset, value);
    },
  };
}

function readStaged(instance: object, field: FieldPlace): unknown {
  const staged = stagedValues(instance);
  if (staged === undefined) throw notAnInstance(field);
  return staged.values[field.index];
}

function writeStaged(instance: object, field: FieldPlace, value: unknown): void {
  const staged = stagedValues(instance);
  if (staged === undefined) throw notAnInstance(field);
  staged.values[field.index] = value;
}

function notAnInstance({ key }: FieldPlace): TypeError {
  return new TypeError(`Expected \`${key}\` to be asked of an instance of its struct class.`);
}
