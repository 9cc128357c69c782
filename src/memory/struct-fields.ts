/**
 * The accessors of struct fields: one closure for each field, no generated code; optimisers inline them.
 *
 * Reading checks that the view is live, one plain field. Writing also checks that this thread may write,
 * one more, and the type of the value, which is refused and never converted.
 */
import { editorOf } from "./editors.ts";
import { type FieldAccess, Stamp, type ViewSet } from "./identity.ts";
import { FIELD, type FieldType } from "./layout.ts";
import { settle } from "./settling.ts";
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
  const access = accessTo(field);
  const { get, set } =
    field.type === FIELD.NUMBER
      ? Stamp.numberAccessors(field.offset, access)
      : Stamp.accessors(field.offset, access);
  return { get, set, enumerable: true, configurable: true };
}

function accessTo({ key, index, type }: FieldPlace): FieldAccess {
  const { read, write } = wordAccess(type);
  return {
    type,
    read,
    write(region, place, value) {
      checkType(key, type, value);
      write(region, place, value);
    },
    refuse: (value) => checkType(key, type, value),
    otherwise: {
      read(instance, set) {
        const staged = stagedValues(instance);
        return staged === undefined ? set.stale() : staged.values[index];
      },
      write(instance, value, set) {
        checkType(key, type, value);
        const staged = stagedValues(instance);
        if (staged === undefined) refuseWrite(set);
        staged.values[index] = value;
      },
    },
  };
}

function refuseWrite(set: ViewSet): never {
  return set.live ? refuseEditing(set.region) : set.stale();
}

type WordAccess = Pick<FieldAccess, "read" | "write">;

function wordAccess(type: FieldType): WordAccess {
  switch (type) {
    case FIELD.INTEGER:
      return {
        read: (set, place) => set.words[place],
        write(region, place, value) {
          region.touch(place, 1);
          region.words[place] = value as number;
        },
      };
    case FIELD.BOOLEAN:
      return {
        read: (set, place) => set.words[place] !== 0,
        write(region, place, value) {
          region.touch(place, 1);
          region.words[place] = Number(value);
        },
      };
    case FIELD.STRING:
    case FIELD.STRING_OR_NULL:
      return textAccess();
    case FIELD.ANY:
      return {
        read: (set, place, page) => readSlot(set.region, place, page),
        write(region, place, value) {
          const editor = editorOf(region);
          editor.writeSlot(place, value);
          settle(editor);
        },
      };
    default:
      return referenceAccess();
  }
}

function textAccess(): WordAccess {
  return {
    read(set, place) {
      const reference = set.words[place] as number;
      return reference === 0 ? null : set.region.text.read(reference);
    },
    write(region, place, value) {
      // Storing text may replace the words of the region, so they are looked up after it.
      const editor = editorOf(region);
      const reference = value === null ? 0 : editor.text(value as string);
      region.touch(place, 1);
      region.words[place] = reference;
      settle(editor);
    },
  };
}

function referenceAccess(): WordAccess {
  return {
    read(set, place, page) {
      const target = set.words[place] as number;
      return target === 0 ? null : page.view(target);
    },
    write(region, place, value) {
      const editor = editorOf(region);
      const target = value === null ? 0 : editor.address(value as object);
      region.touch(place, 1);
      region.words[place] = target;
      settle(editor);
    },
  };
}
