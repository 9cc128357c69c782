/**
 * Why a value cannot be sent, and where in it the culprit is. Runs only after the encoder has given up,
 * so that sending itself pays nothing for the path in the message.
 */
import { classNameOf as registeredNameOf } from "../memory/classes.ts";
import { movedBy } from "../memory/flight.ts";
import { Guard } from "../memory/guard.ts";
import { STATE } from "../memory/layout.ts";
import { locate } from "../memory/location.ts";
import { lossOf } from "../memory/loss.ts";
import { isPlainPrototype } from "../memory/plain-keys.ts";
import { handleKindOf } from "../memory/references.ts";
import type { Region } from "../memory/region.ts";
import { isDetached, isError } from "./brands.ts";
import { viewKindOf } from "./view-kinds.ts";

const WHOLE: readonly (new (...none: never[]) => object)[] = [
  Date,
  RegExp,
  ...("SharedArrayBuffer" in globalThis ? [SharedArrayBuffer] : []), // there is none on a page that is not isolated
  Number,
  String,
  Boolean,
  BigInt as unknown as new () => object,
];

const STILL_OWNED =
  "it is shared data that its owner may still write. Send freeze(it), move(it), or a copy: plain(it).";

const GUARDED =
  "it is guarded, so it stays where it is. Send the guard itself, its snapshot(), or a copy: plain(it).";

const BYTES = "Send its bytes: new Uint8Array(await it.arrayBuffer()).";
const STREAM = "Read it here and send its chunks, or send an end of a quipe.";

/** What to send in the place of objects of the platform, which have no meaning for another thread. */
const INSTEAD: Readonly<Record<string, string>> = {
  Blob: BYTES,
  File: BYTES,
  Response: BYTES,
  Request: BYTES,
  ReadableStream: STREAM,
  WritableStream: STREAM,
  TransformStream: STREAM,
  MessagePort: "Send an end of a quipe.",
  CryptoKey: "Export it, and import it in the other task.",
  Promise: "Await it, and send what it comes to.",
  WeakMap: "Send a Map of what it holds.",
  WeakSet: "Send a Set of what it holds.",
  WeakRef: "Send what it refers to.",
  URL: "Send it as a string: it.href.",
  URLSearchParams: "Send it as a string: String(it).",
  Headers: "Send its entries: [...it].",
  FormData: "Send its entries: [...it].",
};

const staysHere = new WeakMap<object, string>();

/** Notes why an object, which belongs to one task, cannot be sent. */
export function keepHere(object: object, why: string): void {
  staysHere.set(object, why);
}

interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** The first thing in `root`, breadth first, that cannot be sent, with its path and the reason. */
export function findUnsendable(root: unknown): {
  readonly path: string;
  /** Undefined if everything can be sent, as far as it can be read once more. */
  readonly why: string | undefined;
} {
  const seen = new Set<unknown>();
  const queue: Place[] = [{ value: root, path: "$" }];
  for (const place of queue) {
    const why = whyUnsendable(place.value);
    if (why !== undefined) return { path: place.path, why };
    if (typeof place.value !== "object" || place.value === null || seen.has(place.value)) continue;
    seen.add(place.value);
    for (const child of childrenOf(place.value, place.path)) queue.push(child);
  }
  return { path: "$", why: undefined };
}

/** Why this value itself, whatever it holds, cannot be sent; undefined if it can. */
export function whyUnsendable(value: unknown): string | undefined {
  if (typeof value === "function") {
    return "it is a function. Tasks share no code by value; name a module function with task().";
  }
  if (typeof value === "symbol") return "it is a symbol, and symbols are different in each thread.";
  if (typeof value !== "object" || value === null) return undefined;
  if (isReference(value)) return undefined;
  const location = locate(value);
  if (location !== undefined) return whyRegionUnsendable(location.region);
  if (Array.isArray(value)) return undefined;
  if (isPlainPrototype(Object.getPrototypeOf(value)) || isError(value)) return undefined;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return whyBytesUnsendable(value);
  return whyInstanceUnsendable(value);
}

function whyInstanceUnsendable(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Map.prototype || prototype === Set.prototype) return undefined;
  if (WHOLE.some((kind) => value instanceof kind)) return undefined;
  const isCollection = value instanceof Map || value instanceof Set;
  if (!isCollection && registeredNameOf(value) !== undefined) return undefined;
  const kept = staysHere.get(value);
  if (kept !== undefined) return kept;
  const name = classNameOf(prototype);
  const instead = prototype === globalPrototype(name) ? INSTEAD[name] : undefined;
  if (instead !== undefined) return `it is a ${name}, which stays in its thread. ${instead}`;
  return `it is an instance of ${name}, and its class would be lost. Call registerClass(${name}) in both tasks, or send plain data, such as { ...it }.`;
}

function whyRegionUnsendable(region: Region): string | undefined {
  if (region.isFrozen) return undefined;
  if (region.state === STATE.GUARDED) return GUARDED;
  if (region.isOwned) return STILL_OWNED;
  return `it cannot be read any more. ${lossOf(region).message}`;
}

/** Whether it stands for something in shared memory, which goes by its number. */
function isReference(value: object): boolean {
  return (
    movedBy(value) !== undefined || value instanceof Guard || handleKindOf(value) !== undefined
  );
}

function whyBytesUnsendable(value: ArrayBufferView | ArrayBuffer): string | undefined {
  if (ArrayBuffer.isView(value)) {
    return viewKindOf(value) < 0 ? "this kind of view is not known to quipe." : undefined;
  }
  return isDetached(value)
    ? "it is a buffer that was transferred away, and its memory went with it."
    : undefined;
}

/** The prototype of the platform's own class of that name. */
function globalPrototype(name: string): unknown {
  const known: unknown = (globalThis as Record<string, unknown>)[name];
  return typeof known === "function" ? known.prototype : undefined;
}

/** The name of the class that has this prototype, as far as it tells. */
export function classNameOf(prototype: unknown): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(
    Object(prototype),
    "constructor",
  )?.value;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" ? "a class without a name" : name;
}

function childrenOf(value: object, path: string): Place[] {
  if (locate(value) !== undefined || isReference(value) || isError(value)) return [];
  if (ArrayBuffer.isView(value)) return [{ value: value.buffer, path: `${path}.buffer` }];
  if (value instanceof Map) {
    return [...value].flatMap(([key, item], i) => [
      { value: key, path: `${path}.key(${i})` },
      { value: item, path: `${path}.get(${nameOf(key, i)})` },
    ]);
  }
  if (value instanceof Set)
    return [...value].map((item, i) => ({ value: item, path: `${path}.item(${i})` }));
  return Object.entries(value).map(([key, item]) => ({
    value: item,
    path: path + step(value, key),
  }));
}

function nameOf(key: unknown, i: number): string {
  return typeof key === "string" || typeof key === "number" ? JSON.stringify(key) : `key ${i}`;
}

function step(holder: object, key: string): string {
  if (Array.isArray(holder)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
