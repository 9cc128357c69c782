/**
 * Plain frozen records: real objects with the prototype Object.prototype, built on first touch.
 *
 *   scalar field          own data property
 *   reference to a small  own data property, built together with the record
 *     closed subtree
 *   any other reference   own getter (lazy-fields.ts)
 *
 * A shape that occurs often gets a constructor of its own, generated as source text, because only then
 * do engines build its records in one go. Shapes that occur a few times, and programs that forbid
 * `eval`, take the generic way, which gives equal records.
 */
import { defineGetter, lazyReference, lazySlot, showPlainly } from "./lazy-fields.ts";
import { Stamp, type Page } from "./identity.ts";
import { type Address, FIELD, FLAG, OBJECT, SHAPE_SHIFT, SLOT } from "./layout.ts";
import type { Region } from "./region.ts";
import { isTrue, type Shape, type ViewMaker } from "./shapes.ts";
import { structMaker } from "./struct-instances.ts";
import { isEager, isLazySlot, readSlot } from "./slots.ts";

type Construct = new (region: Region, address: Address, page: Page) => object;

/** Records of one shape that are built the generic way before a constructor is generated. */
const GENERIC_RECORDS = 12;

/** How the records of one shape are built in this thread, whatever region they are in. */
class RecordMaker {
  readonly #shape: Shape;
  #made = 0;
  #construct: Construct | undefined = undefined;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  make(region: Region, address: Address, page: Page): object {
    const construct = this.#construct;
    const record =
      construct === undefined
        ? this.#makeFirst(region, address, page)
        : new construct(region, address, page);
    new Stamp(record, page, address);
    return Object.freeze(record);
  }

  #makeFirst(region: Region, address: Address, page: Page): object {
    if (++this.#made > GENERIC_RECORDS) this.#construct = generate(this.#shape);
    return makeGeneric(this.#shape, { region, address, page });
  }
}

const makersBySignature = new Map<string, RecordMaker>();

/** Builds the frozen record at `address`. */
export function makeRecord(region: Region, address: Address, page: Page): object {
  const shape = region.shape((region.words[address + OBJECT.HEAD] as number) >>> SHAPE_SHIFT);
  const maker = (shape.maker ??= makerOf(shape));
  return maker.make(region, address, page);
}

function makerOf(shape: Shape): ViewMaker {
  if (shape.structName !== undefined) return structMaker(shape);
  const signature = JSON.stringify([shape.keys, shape.types, shape.nullPrototype]);
  let maker = makersBySignature.get(signature);
  if (maker === undefined) {
    maker = new RecordMaker(shape);
    makersBySignature.set(signature, maker);
  }
  return maker;
}

/** Where a record is, and the page that its objects are seen from. */
export interface Source {
  readonly region: Region;
  readonly address: Address;
  readonly page: Page;
}

function makeGeneric(shape: Shape, source: Source): object {
  const record: Record<string, unknown> = shape.nullPrototype ? Object.create(null) : {};
  let hasGetters = false;
  for (let i = 0; i < shape.keys.length; i++) {
    const key = shape.keys[i] as string;
    const getter = getterOf(shape, i, source);
    hasGetters ||= getter !== undefined;
    if (getter !== undefined) defineGetter.call(record, key, getter);
    else if (key === "__proto__") defineValue(record, key, readField(shape, i, source));
    else record[key] = readField(shape, i, source);
  }
  if (hasGetters) showPlainly(record);
  return record;
}

function defineValue(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** The getter that a field needs; undefined if its value is put in at once. */
function getterOf(shape: Shape, index: number, source: Source): (() => unknown) | undefined {
  const offset = fieldGetterOffset(shape, index, source);
  return offset === undefined ? undefined : lazyReference(offset);
}

/** Where the address lies that the getter of a field reads; undefined if the field needs none. */
export function fieldGetterOffset(shape: Shape, index: number, source: Source): number | undefined {
  const { region, address } = source;
  const offset = shape.offsets[index] as number;
  const type = shape.types[index];
  if (type === FIELD.ANY) {
    return isLazySlot(region, address + offset) ? offset + SLOT.LOW : undefined;
  }
  if (type !== FIELD.REFERENCE && type !== FIELD.REFERENCE_OR_NULL) return undefined;
  const target = region.words[address + offset] as Address;
  return target === 0 || isEager(region, target) ? undefined : offset;
}

/** The value of a field of the record at `source.address`. */
export function readField(shape: Shape, index: number, source: Source): unknown {
  const { region, page } = source;
  const field = source.address + (shape.offsets[index] as number);
  const word = region.words[field] as number;
  switch (shape.types[index]) {
    case FIELD.INTEGER:
      return word;
    case FIELD.NUMBER:
      return region.numbers[field >> 1];
    case FIELD.BOOLEAN:
      return isTrue(word, shape.offsets[index] as number);
    case FIELD.STRING:
    case FIELD.STRING_OR_NULL:
      return word === 0 ? null : region.text.read(word);
    case FIELD.REFERENCE:
    case FIELD.REFERENCE_OR_NULL:
      return word === 0 ? null : page.view(word);
    case FIELD.ANY:
      return readSlot(region, field, page);
    default:
      return null;
  }
}

/** A constructor for records of `shape`; undefined where code cannot be, or need not be, generated. */
function generate(shape: Shape): Construct | undefined {
  // An assignment to `__proto__` would set the prototype, and constructors give no bare objects.
  if (shape.nullPrototype || shape.keys.includes("__proto__")) return undefined;
  try {
    // Keys are quoted, and nothing else of the data gets into the text.
    // oxlint-disable-next-line typescript/no-implied-eval
    const build = new Function("tools", constructorSource(shape)) as (tools: unknown) => Construct;
    const construct = build({
      defineGetter,
      lazyReference,
      lazySlot,
      showPlainly,
      isEager,
      isLazySlot,
      readSlot,
    });
    construct.prototype = Object.prototype;
    return construct;
  } catch {
    // A Content-Security-Policy without 'unsafe-eval': the generic way is the only one.
    return undefined;
  }
}

function constructorSource(shape: Shape): string {
  const fields = shape.keys.map((_key, index) => fieldSource(shape, index));
  const hasReferences = shape.types.some((type) => type >= FIELD.REFERENCE);
  return [
    "const { defineGetter, lazyReference, lazySlot, showPlainly, isEager, isLazySlot, readSlot } = tools;",
    ...fields.map(({ setup }) => setup),
    "return function Record(region, address, page) {",
    "const words = region.words; let target = 0; let lazy = false;",
    ...fields.map(({ body }) => body),
    hasReferences ? "if (lazy) showPlainly(this);" : "",
    "};",
  ].join("\n");
}

function fieldSource(shape: Shape, index: number): { setup: string; body: string } {
  const key = JSON.stringify(shape.keys[index]);
  const offset = shape.offsets[index] as number;
  const getter = `getter${index}`;
  const define = `{ lazy = true; defineGetter.call(this, ${key}, ${getter}); }`;
  const assign = (value: string): string => `this[${key}] = ${value};`;
  const word = `words[address + ${offset}]`;
  switch (shape.types[index]) {
    case FIELD.INTEGER:
      return { setup: "", body: assign(word) };
    case FIELD.NUMBER:
      return { setup: "", body: assign(`region.numbers[(address + ${offset}) >> 1]`) };
    case FIELD.BOOLEAN:
      return {
        setup: "",
        body: assign(offset === OBJECT.HEAD ? `(${word} & ${FLAG.TRUE}) !== 0` : `${word} !== 0`),
      };
    case FIELD.STRING:
      return { setup: "", body: assign(`region.text.read(${word})`) };
    case FIELD.STRING_OR_NULL:
      return {
        setup: "",
        body: `target = ${word}; ${assign("target === 0 ? null : region.text.read(target)")}`,
      };
    case FIELD.REFERENCE:
    case FIELD.REFERENCE_OR_NULL:
      return {
        setup: `const ${getter} = lazyReference(${offset});`,
        body: `target = ${word};
if (target === 0) ${assign("null")}
else if (isEager(region, target)) ${assign("page.view(target)")}
else ${define}`,
      };
    case FIELD.ANY:
      return {
        setup: `const ${getter} = lazySlot(${offset});`,
        body: `if (isLazySlot(region, address + ${offset})) ${define}
else ${assign(`readSlot(region, address + ${offset}, page)`)}`,
      };
    default:
      return { setup: "", body: assign("null") };
  }
}
