/**
 * One name and what it is bound to, as bytes in a table and as a value in one thread.
 *
 *   table ─▶ name · flags · number of what it names, or 0 · bytes of the value
 *
 * A value is read from its bytes when it is first asked for, and kept while it is asked for again and again; then the
 * thread lets go of it, so that a name that was once read keeps no data from being thawed.
 */
import { invariant } from "../errors.ts";
import { callSometime } from "../runtime/timers.ts";
import type { Pinned } from "../memory/holding.ts";
import { Reader } from "../quipe/reader.ts";
import { Writer } from "../quipe/writer.ts";
import { NAME_FLAG, TABLE, TABLE_FLAG } from "./names-layout.ts";

/** Says whether a value that was read before may be shown again: the views of a region do, while it is frozen. */
export interface Liveness {
  readonly live: boolean;
}

/** Of what does not depend on a region. */
export const ALWAYS: Liveness = { live: true };
const NOT_READ: Liveness = { live: false };

/** What a name is bound to, encoded. */
export interface BoundValue {
  readonly bytes: Uint8Array;
  /** The number of the region, guard, task or namespace; 0 for a value by itself. */
  readonly id: number;
  /** That, as long as nobody but this task can know of the namespace, and nothing else keeps it. */
  readonly keep: Pinned | undefined;
}

/** One name with what it is bound to. Another value, or another lock, is another one of these. */
export class Binding implements BoundValue {
  readonly name: string;
  readonly isLocked: boolean;
  readonly bytes: Uint8Array;
  readonly id: number;
  keep: Pinned | undefined;
  /** What was read from the bytes, if {@link live} says so. */
  value: unknown = undefined;
  liveness: Liveness = NOT_READ;

  constructor(name: string, isLocked: boolean, { bytes, id, keep }: BoundValue) {
    this.name = name;
    this.isLocked = isLocked;
    this.bytes = bytes;
    this.id = id;
    this.keep = keep;
  }

  /** The same, locked or not. */
  with(isLocked: boolean): Binding {
    if (this.isLocked === isLocked) return this;
    return new Binding(this.name, isLocked, this).remember(this.value, this.liveness);
  }

  /** Keeps what the bytes mean, for as long as it is in use. */
  remember(value: unknown, liveness: Liveness): this {
    this.value = value;
    this.liveness = liveness;
    if (this.id !== 0) noteHot(this);
    return this;
  }

  /** Lets go of it. */
  forget(): void {
    this.value = undefined;
    this.liveness = NOT_READ;
  }

  /** Whether both are bound to the same. */
  isBoundAs({ bytes, id }: BoundValue): boolean {
    if (id !== this.id || bytes.length !== this.bytes.length) return false;
    return bytes.every((byte, i) => byte === this.bytes[i]);
  }
}

/** Names in the order in which they were bound, and whether there may be others. */
export interface NamesTable {
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Whether no name may be added or removed. */
  readonly isSealed: boolean;
}

/** Used again and again: nothing that it writes for can come back here. */
const writer = new Writer();

/** The words of a table. */
export function encodeTable({ bindings, isSealed }: NamesTable): Int32Array {
  writer.clear();
  writer.word(bindings.size);
  for (const { name, isLocked, id, bytes } of bindings.values()) {
    writer.key(name);
    writer.fill();
    writer.word(isLocked ? NAME_FLAG.LOCKED : 0);
    writer.word(id);
    writer.word(bytes.length);
    writer.raw(bytes);
  }
  const named = [...bindings.values()].filter(({ id }) => id !== 0);
  const locked = named.filter(({ isLocked }) => isLocked);
  const ids = [...locked, ...named.filter(({ isLocked }) => !isLocked)].map(({ id }) => id);
  const at = TABLE.LIST + ids.length;
  const table = new Int32Array(at + Math.ceil(writer.length / 4));
  table[TABLE.FLAGS] = isSealed ? TABLE_FLAG.SEALED : 0;
  table[TABLE.BYTES] = writer.length;
  table[TABLE.LOCKED_COUNT] = locked.length;
  table[TABLE.COUNT] = ids.length;
  table.set(ids, TABLE.LIST);
  new Uint8Array(table.buffer, at * 4).set(writer.bytes.subarray(0, writer.length));
  writer.rest();
  return table;
}

const NONE: ReadonlyMap<string, Binding> = new Map();

/** Reads a table. What `known` has already, read or not, is the same object again. */
export function decodeTable(
  table: Int32Array,
  known: ReadonlyMap<string, Binding> = NONE,
): NamesTable {
  const at = TABLE.LIST + (table[TABLE.COUNT] as number);
  const bytes = new Uint8Array(table.buffer, table.byteOffset + at * 4, table[TABLE.BYTES]);
  const reader = new Reader();
  reader.open(bytes, 0, bytes.length);
  const bindings = new Map<string, Binding>();
  for (let count = reader.word(); count > 0; count--) {
    const binding = readBinding(reader);
    const before = known.get(binding.name);
    bindings.set(
      binding.name,
      before?.isBoundAs(binding) ? before.with(binding.isLocked) : binding,
    );
  }
  invariant(reader.done, "a table of names is longer than its names");
  return { bindings, isSealed: ((table[TABLE.FLAGS] as number) & TABLE_FLAG.SEALED) !== 0 };
}

function readBinding(reader: Reader): Binding {
  const name = reader.key();
  reader.fill();
  const isLocked = (reader.word() & NAME_FLAG.LOCKED) !== 0;
  const id = reader.word();
  const bytes = reader.part(reader.word());
  return new Binding(name, isLocked, { bytes, id, keep: undefined });
}

/** How long what was read stays at hand when the thread is idle. */
const HOT_MS = 20;

/** Something that keeps what a name is bound to. */
export interface Keeper {
  forget(): void;
}

let hot: Keeper[] = [];

/** Makes something let go of what it keeps when the thread is idle, or has a moment. */
export function noteHot(keeper: Keeper): void {
  if (hot.push(keeper) === 1) callSometime(coolAll, HOT_MS);
}

function coolAll(): void {
  const keepers = hot;
  hot = [];
  for (const keeper of keepers) keeper.forget();
}
