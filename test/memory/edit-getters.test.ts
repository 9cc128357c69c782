/** Getters of data that is being put into shared memory run in the middle of an edit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, freeze, guard, move, plain, release, share, spawn } from "../../src/index.ts";

interface Draft {
  part: unknown;
  list: unknown[];
  map: Map<string, unknown>;
}

const start = (): Draft => ({ part: null, list: [1], map: new Map() });

/** Plain data which calls `act` when its second property is read. */
function reactive(act: () => void): object {
  const read = <Key>(key: Key): Key => {
    if (key === "second") act();
    return key;
  };
  return new Proxy(
    { first: "some text", second: { deep: "other text" } },
    {
      get: (target, key) => Reflect.get(target, read(key)) as unknown,
      getOwnPropertyDescriptor: (target, key) =>
        Reflect.getOwnPropertyDescriptor(target, read(key)),
    },
  );
}

const done = { first: "some text", second: { deep: "other text" } };

function refused(error: unknown): boolean {
  assert.equal((error as { code?: string }).code, "not-shareable");
  assert.match((error as Error).message, /in the middle of an edit/);
  return true;
}

const attempts: Record<string, (draft: Draft) => unknown> = {
  "set a property": (draft) => (draft.part = { inner: "text" }),
  "push text": (draft) => draft.list.push("inner text"),
  "set an entry": (draft) => draft.map.set("inner", { a: 1 }),
  delete: (draft) => Reflect.deleteProperty(draft, "list"),
  freeze,
  guard,
  move,
  release,
  send: (draft) => spawn((it: Draft) => it, [move(draft)]),
};

for (const [name, attempt] of Object.entries(attempts)) {
  test(`a getter of what is put in cannot ${name}, and the edit happens as a whole or not at all`, () => {
    const caught = share(start());
    caught.part = reactive(() => assert.throws(() => attempt(caught), refused));
    assert.deepEqual(plain(caught), { ...start(), part: done });
    const thrown = share(start());
    assert.throws(() => (thrown.part = reactive(() => attempt(thrown))), refused);
    assert.deepEqual(plain(thrown), start());
    thrown.list.push("afterwards");
    assert.deepEqual(plain(thrown), { ...start(), list: [1, "afterwards"] });
  });
}

test("a getter of what is put in may read, and compacting waits", () => {
  const draft = share(start());
  const seen: unknown[] = [];
  draft.part = reactive(() => seen.push(compact(draft), plain(draft.list)));
  assert.deepEqual([seen[0], seen[1]], [0, [1]]);
  assert.deepEqual(plain(draft), { ...start(), part: done });
});

test("in an update of a guard, too, and an inner update spoils the outer one", () => {
  const guarded = guard(start());
  guarded.updateSync((it) => {
    it.part = reactive(() => assert.throws(() => it.list.push("inner"), refused));
  });
  const inner = () => guarded.updateSync((same) => same.list.push("inner"));
  assert.throws(() => guarded.updateSync((it) => (it.part = reactive(inner))), refused);
  assert.deepEqual(plain(guarded.snapshotSync()), { ...start(), part: done });
});
