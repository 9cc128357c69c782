/** Bytes to values: the receiving half of the codec. The format is in tags.ts; encode.ts mirrors this file. */
import { QuipeBug, QuipeError } from "../errors.ts";
import { classNamed } from "../memory/classes.ts";
import { receiveRegion } from "../memory/flight.ts";
import { handleOf } from "../memory/guard.ts";
import { openGuard } from "../memory/guard-block.ts";
import { openHandle } from "../memory/references.ts";
import { sharedRegion } from "../memory/region.ts";
import { viewAt } from "../memory/views.ts";
import type { Parcel } from "../sync/messages.ts";
import { beginError, finishError } from "./error-fields.ts";
import { Reader } from "./reader.ts";
import { RecordMaker, RecordMakers, type ValueSource, define, fill } from "./record-maker.ts";
import { sharedBuffer } from "./shared-buffers.ts";
import { TAG_BITS, TAG_MASK, Tag } from "./tags.ts";
import { makeView, resizableBuffer } from "./view-kinds.ts";

let idle: Decoder | undefined;

/**
 * Decodes the value whose encoding is `length` bytes of `bytes` from `start` on. May block for one exchange
 * with the reaper per frozen region that this thread has not met before.
 */
export function decode(bytes: Uint8Array, start: number, length: number): unknown {
  const decoder = idle ?? new Decoder();
  idle = undefined;
  try {
    return decoder.decode(bytes, start, length);
  } finally {
    if (length > KEEP_BYTES) decoder.letGo();
    idle = decoder;
  }
}

/** Decodes a whole parcel. */
export function fromParcel({ bytes }: Pick<Parcel, "bytes">): unknown {
  return decode(new Uint8Array(bytes), 0, bytes.byteLength);
}

/** Of a larger message the decoder keeps nothing alive. */
const KEEP_BYTES = 65_536;
/** Up to this many objects the list of them is used again. */
const KEEP_OBJECTS = 16;

class Decoder implements ValueSource {
  readonly #reader: Reader = new Reader();
  readonly #makers = new RecordMakers();
  /** The objects of this message, in the order in which they began; the first `#count` count. */
  #objects: unknown[] = [];
  #count = 0;
  /** How many errors the decoder is inside of. */
  #errors = 0;
  #unknownClass: string | undefined;

  decode(bytes: Uint8Array, start: number, length: number): unknown {
    this.#reader.open(bytes, start, length);
    if (this.#count > 0) this.#forget(); // left over from a message that was refused
    this.#errors = 0;
    this.#unknownClass = undefined;
    const value = this.value();
    if (this.#count > 0) this.#forget();
    if (!this.#reader.done) throw new QuipeBug("a message was longer than the value in it");
    if (this.#unknownClass !== undefined) throw this.#unknown(this.#unknownClass);
    return value;
  }

  #unknown(name: string): QuipeError {
    this.#unknownClass = undefined;
    return new QuipeError(
      "unsupported",
      `What was received holds an instance of ${name}, a class that this task does not know. Import the module that calls registerClass(${name}).`,
    );
  }

  /** Keeps no bytes and no objects alive. */
  letGo(): void {
    this.#reader.close();
    this.#forget();
  }

  #forget(): void {
    if (this.#count > KEEP_OBJECTS) this.#objects = [];
    else for (let i = 0; i < this.#count; i++) this.#objects[i] = undefined;
    this.#count = 0;
  }

  /** Reads the next value. */
  value(): unknown {
    const reader = this.#reader;
    const head = reader.word();
    switch (head & TAG_MASK) {
      case Tag.integer:
        return head >> TAG_BITS;
      case Tag.word:
        return reader.word();
      case Tag.double:
        return reader.double();
      case Tag.latin1:
        return reader.latin1(reader.count(head));
      case Tag.utf16:
        return reader.utf16(reader.count(head));
      case Tag.object:
        return this.#record(head);
      case Tag.array:
        return this.#array(reader.count(head));
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
        return true;
      case Tag.false:
        return false;
      default:
        return this.#rare(head);
    }
  }

  #rare(head: number): unknown {
    const reader = this.#reader;
    switch (head & TAG_MASK) {
      case Tag.again:
        return this.#again(reader.count(head));
      case Tag.bigint:
        return reader.bigint();
      case Tag.bareObject:
        return this.#bareObject(head);
      case Tag.date:
        return this.#begun(new Date(reader.double()));
      case Tag.map:
        return this.#map(reader.count(head));
      case Tag.set:
        return this.#set(reader.count(head));
      case Tag.regexp:
        return this.#begun(new RegExp(String(this.value()), String(this.value())));
      case Tag.arrayBuffer:
        return this.#begun(this.#bytes(reader.count(head)).buffer);
      case Tag.resizable:
        return this.#begun(this.#resizable(reader.count(head)));
      case Tag.view:
        return this.#view(reader.count(head));
      case Tag.error:
        return this.#error();
      case Tag.boxed:
        return this.#boxed();
      case Tag.looseArray:
        return this.#looseArray(reader.count(head));
      case Tag.instance:
        return this.#instance();
      default:
        return this.#reference(head & TAG_MASK);
    }
  }

  /** What lies in shared memory and is named by its number. */
  #reference(tag: number): unknown {
    switch (tag) {
      case Tag.region:
        return this.#region();
      case Tag.moved:
        return this.#begun(this.#moved());
      case Tag.guard:
        return this.#begun(handleOf(openGuard(this.#reader.word())));
      case Tag.handle:
        return this.#handle();
      case Tag.sharedBuffer:
        return this.#begun(sharedBuffer(this.#reader.word()));
      default:
        throw new QuipeBug(`a message has an unknown tag, ${tag}`);
    }
  }

  /** Numbers an object, before what is in it is read. */
  begin(object: unknown): void {
    this.#objects[this.#count++] = object;
  }

  #begun<T>(object: T): T {
    this.begin(object);
    return object;
  }

  #again(number: number): unknown {
    if (number >= this.#count) {
      throw new QuipeBug("a message refers to an object that it does not hold");
    }
    return this.#objects[number];
  }

  #record(head: number): object {
    const known = this.#makers.read(this.#reader, head >>> TAG_BITS);
    if (known instanceof RecordMaker) return known.make(this);
    const record = this.#begun({});
    fill(record, known, this);
    return record;
  }

  #bareObject(head: number): object {
    const record = this.#begun(Object.create(null) as object);
    const known = this.#makers.read(this.#reader, head >>> TAG_BITS);
    fill(record, known instanceof RecordMaker ? known.keys : known, this);
    return record;
  }

  #properties(holder: object): void {
    fill(holder, this.#reader.keys(), this);
  }

  #array(length: number): unknown[] {
    const array: unknown[] = this.#begun([]);
    for (let i = 0; i < length; i++) {
      if (this.#reader.skip(Tag.rest)) {
        array.length = length;
        this.#properties(array);
        return array;
      }
      array.push(this.value());
    }
    return array;
  }

  #looseArray(length: number): unknown[] {
    const array: unknown[] = this.#begun([]);
    array.length = length;
    this.#properties(array);
    return array;
  }

  #map(size: number): Map<unknown, unknown> {
    const map = this.#begun(new Map<unknown, unknown>());
    for (let i = 0; i < size; i++) map.set(this.value(), this.value());
    return map;
  }

  #set(size: number): Set<unknown> {
    const set = this.#begun(new Set<unknown>());
    for (let i = 0; i < size; i++) set.add(this.value());
    return set;
  }

  #bytes(length: number): Uint8Array<ArrayBuffer> {
    this.#reader.align();
    return this.#reader.raw(length);
  }

  #resizable(length: number): ArrayBuffer {
    const most = this.#reader.double();
    return resizableBuffer(this.#bytes(length), most);
  }

  #view(kind: number): unknown {
    const number = this.#count;
    this.begin(undefined);
    const byteOffset = this.#reader.double();
    const byteLength = this.#reader.double();
    const view = makeView(kind, this.value() as ArrayBufferLike, { byteOffset, byteLength });
    if (view === undefined) throw new QuipeBug(`a message has an unknown kind of view, ${kind}`);
    this.#objects[number] = view;
    return view;
  }

  #error(): Error {
    const classes = { builtIn: this.#reader.key(), registered: this.#reader.key() };
    this.#reader.fill();
    const message = String(this.value());
    const error = this.#begun(beginError(classes, message, String(this.value())));
    this.#errors += 1;
    const fields = Object(this.value()) as object;
    this.#errors -= 1;
    return finishError(error, fields);
  }

  /** Of a class that is not registered here: in an error its fields, as plain data; else the message is refused. */
  #instance(): object {
    const name = this.#reader.key();
    const prototype: unknown = classNamed(name)?.prototype;
    if (prototype === undefined && this.#errors === 0) this.#unknownClass ??= name;
    const instance = this.#begun(
      Object.create((prototype ?? Object.prototype) as object) as object,
    );
    for (const key of this.#reader.keys()) define(instance, key, this.value());
    return instance;
  }

  #boxed(): unknown {
    const number = this.#count;
    this.begin(undefined);
    const object: unknown = Object(this.value());
    this.#objects[number] = object;
    return object;
  }

  #handle(): unknown {
    const code = this.#reader.word();
    const numbers: number[] = [];
    for (let count = this.#reader.word(); count > 0; count--) numbers.push(this.#reader.word());
    return this.#begun(openHandle(code, numbers));
  }

  #region(): unknown {
    const id = this.#reader.word();
    const address = this.#reader.word();
    return viewAt(sharedRegion(id), address);
  }

  #moved(): unknown {
    const region = receiveRegion(this.#reader.word());
    return region.edited.view(this.#reader.word());
  }
}
