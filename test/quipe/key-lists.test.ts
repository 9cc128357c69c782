/** Records whose keys come again: the sender and the receiver remember them, and nobody can tell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";

function sent<T>(value: T): T {
  return fromParcel(toParcel(value)) as T;
}

/** Often enough that the receiver goes over to a generated function. */
const OFTEN = 40;

test("records of one kind arrive the same the first time and the fortieth", () => {
  for (let i = 0; i < OFTEN; i++) {
    const record = { id: i, x: i / 3, name: `n${i}`, ä: null, "два слова": [i], 7: undefined };
    assert.deepEqual(sent(record), record);
    assert.deepEqual(Object.keys(sent(record)), Object.keys(record));
  }
});

test("kinds that differ only in the order of their keys stay apart", () => {
  for (let i = 0; i < OFTEN; i++) {
    assert.deepEqual(Object.entries(sent({ a: 1, b: 2 })), Object.entries({ a: 1, b: 2 }));
    assert.deepEqual(Object.entries(sent({ b: 1, a: 2 })), Object.entries({ b: 1, a: 2 }));
    assert.deepEqual(sent({ ab: 1 }), { ab: 1 });
    assert.deepEqual(sent({}), {});
  }
});

test("a record that refers to itself does so as often as it is sent", () => {
  for (let i = 0; i < OFTEN; i++) {
    const record: { id: number; self: unknown; list: unknown[] } = { id: i, self: null, list: [] };
    record.self = record;
    record.list.push(record, record.list);
    const copy = sent(record);
    assert.equal(copy.self, copy);
    assert.equal(copy.list[0], copy);
    assert.equal(copy.list[1], copy.list);
    assert.equal(copy.id, i);
  }
});

test("a key named __proto__ is a key like any other, as often as it is sent", () => {
  for (let i = 0; i < OFTEN; i++) {
    const copy = sent(JSON.parse('{ "id": 1, "__proto__": { "evil": true } }') as object);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.deepEqual(Object.keys(copy), ["id", "__proto__"]);
  }
});

test("properties that somebody gave to all objects are not sent", () => {
  const record = { id: 1 };
  sent(record);
  // eslint-disable-next-line no-extend-native -- what somebody does is what is tested
  Object.defineProperty(Object.prototype, "intruder", {
    value: 1,
    enumerable: true,
    configurable: true,
  });
  try {
    assert.deepEqual(Object.keys(sent(record)), ["id"]);
    assert.deepEqual(Object.keys(sent({ id: 1, more: 2 })), ["id", "more"]);
  } finally {
    Reflect.deleteProperty(Object.prototype, "intruder");
  }
});

test("a getter that removes a later key leaves a readable message, with that value undefined", () => {
  for (let i = 0; i < OFTEN; i++) {
    const record: Record<string, unknown> = { first: 1 };
    Object.defineProperty(record, "remover", {
      enumerable: true,
      get: () => delete record["later"],
    });
    Object.assign(record, { later: 2, last: 3 });
    const copy = sent([record, "behind it"]);
    assert.deepEqual(copy, [{ first: 1, remover: true, later: undefined, last: 3 }, "behind it"]);
  }
});

test("a getter that adds a key leaves a readable message without it", () => {
  const record: Record<string, unknown> = { first: 1 };
  Object.defineProperty(record, "adder", { enumerable: true, get: () => (record["new"] = 2) });
  assert.deepEqual(sent([record, "behind it"]), [{ first: 1, adder: 2 }, "behind it"]);
});

test("a getter that sends something itself disturbs nobody", () => {
  const record = {
    id: 1,
    get inner() {
      return sent({ id: 2, name: "inner" }).name;
    },
    last: 3,
  };
  for (let i = 0; i < OFTEN; i++)
    assert.deepEqual(sent(record), { id: 1, inner: "inner", last: 3 });
});

test("a record with hundreds of keys arrives with all of them, in order", () => {
  const record = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, i]));
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(Object.entries(sent(record)), Object.entries(record));
  }
});

test("ten thousand kinds of records arrive, more than anybody remembers", () => {
  for (let i = 0; i < 10_000; i++) {
    const record = { [`a${i}`]: i, [`b${i % 100}`]: { [`c${i}`]: true } };
    assert.deepEqual(sent(record), record);
  }
});
