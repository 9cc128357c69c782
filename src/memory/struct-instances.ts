/**
 * Instances of struct classes: staged ones, whose values are still in ordinary memory, and views.
 */
import { QuipeError } from "../errors.ts";
import { type AnyClass, classNamed, isRegistered, registerClass } from "./classes.ts";
import { Page, Returned, Stamp, ViewSet } from "./identity.ts";
import { type Address, FIELD, type FieldType, OBJECT, SHAPE_SHIFT } from "./layout.ts";
import type { Region } from "./region.ts";
import { holdsValue, type Shape, type ViewMaker } from "./shapes.ts";
import {
  ADVICE,
  arm,
  identityKey,
  nextIdentity,
  type Tripwire,
  tripwire,
} from "./struct-guards.ts";

/** The fields of one struct in order. */
export interface Definition {
  readonly keys: readonly string[];
  readonly types: readonly FieldType[];
}

/** A struct class as quipe sees it. */
export interface DefinedClass {
  readonly definition: Definition;
  readonly prototype: object;
  readonly name: string;
}

/** What a staged instance holds. */
export interface StagedValues {
  readonly className: string;
  readonly definition: Definition;
  readonly values: unknown[];
}

class StageStamp extends Returned {
  readonly #staged: StagedValues;

  constructor(instance: object, staged: StagedValues) {
    super(instance);
    this.#staged = staged;
  }

  static of(instance: object): StagedValues | undefined {
    return #staged in instance ? instance.#staged : undefined;
  }
}

/** The values of `value` if it is a struct instance that is in no shared data yet. */
export function stagedValues(value: object): StagedValues | undefined {
  return StageStamp.of(value);
}

/** Makes `instance`, new from the class `made`, a staged one with these values. */
export function stage(
  instance: object,
  made: AnyClass,
  values: Readonly<Record<string, unknown>>,
): void {
  const { definition, name } = made as unknown as DefinedClass;
  if (!isRegistered(made)) registerClass(made);
  const staged = definition.keys.map((key, index) => {
    const value = values[key];
    checkType(key, definition.types[index] as FieldType, value);
    return value;
  });
  new Stamp(instance, stagingPage(), 0);
  new StageStamp(instance, { className: name, definition, values: staged });
  arm(instance);
}

let staging: Page | undefined;

/** The page of all staged instances: never live, and of no region, so accessors look further. */
function stagingPage(): Page {
  if (staging === undefined) {
    const nowhere: Partial<Region> = { isStaging: true, words: new Int32Array(0) };
    const set = new ViewSet(nowhere as Region, () => undefined);
    set.live = false;
    staging = new Page(set, 0);
  }
  return staging;
}

/** Throws a TypeError unless a field of `type` can hold `value`. */
export function checkType(key: string, type: FieldType, value: unknown): void {
  if (holdsValue(type, value)) return;
  const got = value === null ? "null" : typeof value === "number" ? String(value) : typeof value;
  throw new TypeError(`Expected \`${key}\` to be ${EXPECTED[type]}, got ${got}.`);
}

const EXPECTED: Readonly<Record<FieldType, string>> = {
  [FIELD.NULL]: "null",
  [FIELD.INTEGER]: "a whole number of 32 bits",
  [FIELD.NUMBER]: "a number",
  [FIELD.BOOLEAN]: "a boolean",
  [FIELD.STRING]: "a string",
  [FIELD.STRING_OR_NULL]: "a string or null",
  [FIELD.REFERENCE]: "an object",
  [FIELD.REFERENCE_OR_NULL]: "an object or null",
  [FIELD.ANY]: "anything",
};

type NewView = new () => object;

/** Whether the record at `address` is a struct. */
export function isStruct(region: Region, address: Address): boolean {
  const head = region.words[address + OBJECT.HEAD] as number;
  return region.shape(head >>> SHAPE_SHIFT).structName !== undefined;
}

/** Builds the view of the struct at `address`, frozen or not: there is one kind for all states. */
export function makeStruct(region: Region, address: Address, page: Page): object {
  const shape = region.shape((region.words[address + OBJECT.HEAD] as number) >>> SHAPE_SHIFT);
  return makeStructView(shape, address, page);
}

/** The same, when the shape is known. */
export function makeStructView(shape: Shape, address: Address, page: Page): object {
  return (shape.maker ??= structMaker(shape)).make(page.set.region, address, page);
}

/** What builds views of the structs of `shape`. Throws `unsupported` unless this task knows their class. */
export function structMaker(shape: Shape): ViewMaker {
  const View = viewClassOf(shape);
  return {
    make(_region, address, page) {
      const view = new View();
      arm(view);
      new Stamp(view, page, address);
      return view;
    },
  };
}

function viewClassOf(shape: Shape): NewView {
  const name = shape.structName ?? "";
  const found = classNamed(name) as unknown as DefinedClass | undefined;
  if (found === undefined) {
    throw new QuipeError(
      "unsupported",
      `This task does not know the struct ${name}. Import the module that calls registerClass(${name}).`,
    );
  }
  // A class that is registered under this name here may be no struct at all.
  const { definition }: { readonly definition?: Definition } = found;
  const isSame =
    definition?.keys.join() === shape.keys.join() && definition.types.join() === shape.types.join();
  if (!isSame) {
    throw new QuipeError(
      "unsupported",
      `The struct ${name} was declared with other fields where this data was made. All tasks must load the same version.`,
    );
  }
  const wire = tripwire();
  // A class of its own, so that making a view runs no constructor of the program.
  class View {
    readonly [ADVICE]: Tripwire = wire;
    readonly [identityKey]: number = nextIdentity();
  }
  Object.setPrototypeOf(View.prototype, found.prototype);
  Object.defineProperty(View.prototype, "constructor", { value: found });
  return View;
}
