/** Instances of registered classes travel as copies, with class, fields and identity, or are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { registerClass } from "../../src/memory/classes.ts";
import { struct, i32 } from "../../src/memory/structs.ts";
import { fromParcel } from "../../src/quipe/decode.ts";
import { failureIn, failureParcel } from "../../src/quipe/failures.ts";
import { toParcel } from "../../src/quipe/parcels.ts";

class Node {
  next: Node | undefined;
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  get path(): string {
    return `${this.label}${this.next === undefined ? "" : `>${this.next.label}`}`;
  }

  set loud(_: string) {
    throw new Error("a setter of the class must not run");
  }
}
registerClass(Node, "instances Node");

function carried<T>(value: T): T {
  return fromParcel(toParcel(value)) as T;
}

/** Bytes that name a class which nobody registered: as they come from a task that did. */
function ofUnknownClass(value: unknown, known: string): { readonly bytes: ArrayBuffer } {
  const bytes = new Uint8Array(toParcel(value).bytes).slice();
  const at = String.fromCharCode(...bytes).indexOf(known);
  assert.ok(at >= 0);
  bytes[at] = "X".charCodeAt(0);
  return { bytes: bytes.buffer };
}

test("an instance keeps its class, its fields, its cycles and what it shares", () => {
  const one = new Node("one");
  one.next = new Node("two");
  one.next.next = one;
  const copy = carried({ list: [one, one.next], map: new Map([[one, "first"]]) });
  const [first, second] = copy.list;
  assert.equal(Object.getPrototypeOf(first), Node.prototype);
  assert.equal(first?.path, "one>two");
  assert.equal(first?.next, second);
  assert.equal(second?.next, first);
  assert.equal([...copy.map.keys()][0], first);
  assert.notEqual(first, one);
  assert.deepStrictEqual(Object.keys(first ?? {}), Object.keys(one));
});

test("properties are defined, not set: no code of the class runs", () => {
  const node = new Node("n");
  Object.defineProperty(node, "loud", { value: 1, enumerable: true });
  const property = Object.getOwnPropertyDescriptor(carried(node), "loud");
  assert.deepEqual(property, { value: 1, configurable: true, enumerable: true, writable: true });
});

test("an instance of a class below a registered one is refused, with what to do", () => {
  class Leaf extends Node {}
  assert.throws(
    () => toParcel({ list: [new Leaf("l")] }),
    /\$\.list\[0\] cannot be sent: it is an instance of Leaf.*registerClass\(Leaf\)/,
  );
});

test("what a class keeps where no code outside can read it is refused, though registered", () => {
  class Bag extends Map<string, number> {}
  registerClass(Bag, "instances Bag");
  assert.throws(() => toParcel(new Bag()), /instance of Bag/);
  const Point = struct({ x: i32 });
  class Spot extends Point {}
  assert.throws(() => toParcel(new Spot({ x: 1 })), QuipeError);
});

test("what is wrong in an instance is found in it", () => {
  const node = Object.assign(new Node("n"), { run: () => 1 });
  assert.throws(() => toParcel([node]), /\$\[0\]\.run cannot be sent: it is a function/);
});

test("a message with an instance of a class that is not registered here is refused, and the next is not", () => {
  const parcel = ofUnknownClass([new Node("n"), 1], "instances Node");
  assert.throws(
    () => fromParcel(parcel),
    (error: QuipeError) =>
      error.code === "unsupported" && /registerClass\(Xnstances Node\)/.test(error.message),
  );
  assert.equal(carried([new Node("n")])[0]?.path, "n");
});

test("in an error such an instance arrives as plain data, and as a failure as the error that says so", () => {
  const error = new Error("e", { cause: new Node("n") });
  const copy = fromParcel(ofUnknownClass(error, "instances Node")) as Error;
  assert.equal(copy.message, "e");
  assert.deepEqual(copy.cause, { next: undefined, label: "n" });
  const failure = failureIn(ofUnknownClass(new Node("n"), "instances Node")) as QuipeError;
  assert.equal(failure.code, "unsupported");
  assert.ok(failureIn(failureParcel(new Node("n"))) instanceof Node);
});

test("an error of a class that is not registered here arrives as its built-in ancestor", () => {
  class Own extends RangeError {
    readonly n = 1;
  }
  registerClass(Own, "instances Own");
  const copy = fromParcel(ofUnknownClass(new Own("o"), "instances Own")) as Own;
  assert.equal(Object.getPrototypeOf(copy), RangeError.prototype);
  assert.equal(copy.n, 1);
});
