/**
 * What locks on names do in languages that have long had them, said in quipe's words: R's lockBinding, lockEnvironment and
 * makeActiveBinding's neighbours, Perl's Hash::Util, SBCL's package locks. Where quipe decides otherwise, the claim says so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { guard } from "../../src/memory/guard.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { checkNames } from "../../src/namespace/check-names.ts";
import { isLocked, lock, publish, reopen, unlock } from "../../src/namespace/locks.ts";
import { type Namespace, child, namespace } from "../../src/namespace/namespace.ts";
import { compareAndSet, rebind, unbind } from "../../src/namespace/rebind.ts";
import { reader, snapshot } from "../../src/namespace/snapshot.ts";

const LOCKED = { code: "name-locked" };
const UNBOUND = { code: "unbound-name" };

/** A namespace of numbers, with any names. */
function numbers(
  initial: Record<string, number> = { a: 1, b: 2 },
): Namespace<Record<string, number>> {
  return namespace(initial);
}

type Scenario = (names: Namespace<Record<string, number>>) => void;

const scenarios: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  "R lockBinding": {
    "a locked binding cannot be assigned": (names) => {
      lock(names, "a");
      assert.throws(() => (names["a"] = 2), LOCKED);
      assert.equal(names["a"], 1);
    },
    "assigning the value that it has is refused, too": (names) => {
      lock(names, "a");
      assert.throws(() => (names["a"] = 1), LOCKED);
    },
    "unlockBinding makes it assignable again": (names) => {
      lock(names, "a");
      unlock(names, "a");
      names["a"] = 5;
      assert.equal(names["a"], 5);
    },
    "locking what does not exist is an error": (names) => {
      assert.throws(() => lock(names, "none"), UNBOUND);
    },
    "unlocking what does not exist is an error": (names) => {
      assert.throws(() => unlock(names, "none"), UNBOUND);
    },
    "bindingIsLocked tells": (names) => {
      lock(names, "a");
      assert.deepEqual([isLocked(names, "a"), isLocked(names, "b")], [true, false]);
    },
    "bindingIsLocked of what does not exist is an error": (names) => {
      assert.throws(() => isLocked(names, "none"), UNBOUND);
    },
    "locking twice is locking once": (names) => {
      lock(names, "a");
      lock(names, "a", "a");
      unlock(names, "a");
      assert.equal(isLocked(names, "a"), false);
    },
    "unlocking what is not locked changes nothing": (names) => {
      unlock(names, "a");
      names["a"] = 3;
      assert.equal(names["a"], 3);
    },
    "other bindings of the environment stay free": (names) => {
      lock(names, "a");
      names["b"] = 3;
      names["c"] = 4;
      assert.deepEqual({ ...names }, { a: 1, b: 3, c: 4 });
    },
    "rm removes a locked binding in R; here that is refused": (names) => {
      lock(names, "a");
      assert.throws(() => delete names["a"], LOCKED);
      assert.throws(() => unbind(names, "a"), LOCKED);
      assert.ok("a" in names);
    },
    "a binding that was removed is bound anew without the lock": (names) => {
      lock(names, "a");
      unlock(names, "a");
      delete names["a"];
      names["a"] = 9;
      assert.equal(isLocked(names, "a"), false);
    },
    "a locked binding holds what a copy does not": (names) => {
      lock(names, "a");
      const copy = { ...names };
      copy.a = 7;
      assert.deepEqual([copy.a, names["a"]], [7, 1]);
    },
    "assign() by name is refused like <-": (names) => {
      lock(names, "a");
      assert.throws(() => Object.assign(names, { a: 2 }), LOCKED);
      assert.throws(() => Reflect.set(names, "a", 2), LOCKED);
    },
    "several locks at once are all or nothing": (names) => {
      assert.throws(() => lock(names, "a", "none"), UNBOUND);
      assert.equal(isLocked(names, "a"), false);
    },
    "several unlocks at once are all or nothing": (names) => {
      lock(names, "a");
      assert.throws(() => unlock(names, "a", "none"), UNBOUND);
      assert.equal(isLocked(names, "a"), true);
    },
  },
  "R lockEnvironment": {
    "a locked environment takes no new bindings": (names) => {
      publish(names);
      assert.throws(() => (names["c"] = 3), LOCKED);
    },
    "no binding is removed from it": (names) => {
      publish(names);
      assert.throws(() => delete names["a"], LOCKED);
    },
    "with bindings = TRUE none is changed": (names) => {
      publish(names);
      for (const name of ["a", "b"]) assert.throws(() => (names[name] = 0), LOCKED);
    },
    "a binding that is unlocked in it can be changed, and not removed": (names) => {
      publish(names);
      unlock(names, "a");
      names["a"] = 5;
      assert.equal(names["a"], 5);
      assert.throws(() => delete names["a"], LOCKED);
    },
    "an empty one stays empty": () => {
      const empty = numbers({});
      publish(empty);
      assert.throws(() => (empty["a"] = 1), LOCKED);
      assert.deepEqual(Object.keys(empty), []);
    },
    "R cannot unlock an environment; here its creator can": (names) => {
      publish(names);
      reopen(names);
      names["c"] = 3;
      delete names["a"];
      assert.deepEqual({ ...names }, { b: 2, c: 3 });
    },
    "reading what is missing fails as before": (names) => {
      publish(names);
      assert.throws(() => names["none"], UNBOUND);
    },
    "a child of a locked environment takes bindings": (names) => {
      publish(names);
      const inner = child(names);
      inner["c"] = 3;
      assert.equal(inner["c"], 3);
      assert.ok(!("c" in names));
    },
    "assigning in a child hides a locked binding, and does not change it": (names) => {
      publish(names);
      const inner = child(names);
      inner["a"] = 10;
      assert.deepEqual([inner["a"], names["a"]], [10, 1]);
    },
    "locking the child leaves the parent free": (names) => {
      publish(child(names, { x: 1 }));
      names["a"] = 3;
      assert.equal(names["a"], 3);
    },
    "what an object in it holds is another question, unless it is frozen": () => {
      const names = namespace({ count: guard({ n: 0 }) });
      publish(names);
      names.count.updateSync((it) => (it.n += 1));
      assert.equal(
        names.count.readSync((it) => it.n),
        1,
      );
    },
    "what is frozen in it cannot be thawed": () => {
      const names = namespace({ list: freeze([1]) });
      publish(names);
      assert.throws(() => tryThaw(names.list), LOCKED);
      assert.throws(() => (names.list as number[]).push(2), TypeError);
    },
  },
  "Perl Hash::Util": {
    "lock_keys: a key that is not there cannot be stored": (names) => {
      publish(names);
      assert.throws(() => rebind(names, { zap: 1 }), LOCKED);
    },
    "lock_keys: a key that is not there cannot be fetched by mistake": (names) => {
      publish(names);
      assert.throws(() => names["zap"], UNBOUND);
      assert.ok(!("zap" in names));
    },
    "lock_keys: values may still be stored once they are unlocked": (names) => {
      publish(names);
      unlock(names, "a", "b");
      rebind(names, { a: 3, b: 4 });
      assert.deepEqual({ ...names }, { a: 3, b: 4 });
    },
    "lock_keys: deleting is allowed in Perl; here the set of names stays": (names) => {
      publish(names);
      unlock(names, "a");
      assert.throws(() => unbind(names, "a"), LOCKED);
    },
    "unlock_keys: new keys can be stored again": (names) => {
      publish(names);
      reopen(names);
      names["zap"] = 1;
      assert.equal(names["zap"], 1);
    },
    "lock_value: only that value is kept": (names) => {
      lock(names, "a");
      names["b"] = 0;
      assert.throws(() => (names["a"] = 0), LOCKED);
    },
    "unlock_value opens that one and no other": (names) => {
      lock(names, "a", "b");
      unlock(names, "a");
      names["a"] = 0;
      assert.throws(() => (names["b"] = 0), LOCKED);
    },
    "lock_hash: keys and values": (names) => {
      publish(names);
      assert.throws(() => (names["a"] = 0), LOCKED);
      assert.throws(() => (names["c"] = 0), LOCKED);
      assert.throws(() => delete names["b"], LOCKED);
    },
    "unlock_hash opens both": (names) => {
      publish(names);
      reopen(names);
      assert.deepEqual([isLocked(names, "a"), isLocked(names, "b")], [false, false]);
    },
    "unlock_hash after single locks opens these, too": (names) => {
      lock(names, "a");
      publish(names);
      reopen(names);
      names["a"] = 0;
      assert.equal(names["a"], 0);
    },
    "legal_keys: keys and their order are those of the moment of the lock": (names) => {
      names["c"] = 3;
      publish(names);
      assert.deepEqual(Object.keys(names), ["a", "b", "c"]);
    },
    "iterating over a locked hash works": (names) => {
      publish(names);
      assert.deepEqual(Object.entries(names), [
        ["a", 1],
        ["b", 2],
      ]);
    },
    "clearing a locked hash is refused as a whole": (names) => {
      lock(names, "b");
      assert.throws(() => unbind(names, "a", "b"), LOCKED);
      assert.deepEqual(Object.keys(names), ["a", "b"]);
    },
    "slices store all or nothing": (names) => {
      lock(names, "b");
      assert.throws(() => rebind(names, { a: 8, b: 8 }), LOCKED);
      assert.equal(names["a"], 1);
    },
    "lock_hash_recurse: what is frozen is so at any depth": () => {
      const names = namespace({ deep: freeze({ inner: { list: [1] } }) });
      publish(names);
      const { list } = names.deep.inner;
      assert.throws(() => (list as number[]).push(2), TypeError);
    },
    "a hash reference copied before the lock is locked, too": (names) => {
      const same = names;
      const fast = reader(names);
      publish(names);
      assert.throws(() => (same["a"] = 0), LOCKED);
      assert.throws(() => (fast["a"] = 0), LOCKED);
    },
  },
  "SBCL package locks": {
    "setting a locked symbol's value is a violation": (names) => {
      lock(names, "a");
      assert.throws(() => compareAndSet(names, "a", 1, 2), LOCKED);
    },
    "interning into a locked package is a violation": (names) => {
      publish(names);
      assert.throws(() => (names["new"] = 1), LOCKED);
    },
    "uninterning from it is a violation": (names) => {
      publish(names);
      assert.throws(() => unbind(names, "a"), LOCKED);
    },
    "using a locked package is none: a package that uses it may shadow": (names) => {
      publish(names);
      const user = child(names, { a: 100 });
      assert.deepEqual(snapshot(user), { a: 100, b: 2 });
    },
    "without-package-locks is a bracket: it ends also when the body fails": (names) => {
      publish(names);
      assert.throws(() => {
        unlock(names, "a");
        try {
          names["a"] = 7;
          throw new RangeError("body");
        } finally {
          lock(names, "a");
        }
      }, RangeError);
      assert.throws(() => (names["a"] = 8), LOCKED);
      assert.equal(names["a"], 7);
    },
    "a violation tells the package, the symbol and the way out": (names) => {
      lock(names, "a");
      assert.throws(() => (names["a"] = 2), {
        message: /^"a" of namespace \d+ is locked.*unlock\(names, …\) by the creator/,
      });
    },
    "package-locked-p is asked without harm": (names) => {
      assert.equal(isLocked(names, "a"), false);
      publish(names);
      assert.equal(isLocked(names, "a"), true);
    },
    "lexical bindings of the same name are nobody's business": (names) => {
      publish(names);
      let { a } = names;
      a = (a ?? 0) + 1;
      assert.deepEqual([a, names["a"]], [2, 1]);
    },
    "locks are dynamic: code that was compiled before obeys": (names) => {
      const setA = (value: number): void => {
        names["a"] = value;
      };
      setA(5);
      lock(names, "a");
      assert.throws(() => setA(6), LOCKED);
      unlock(names, "a");
      setA(7);
      assert.equal(names["a"], 7);
    },
  },
};

for (const [language, claims] of Object.entries(scenarios)) {
  for (const [claim, scenario] of Object.entries(claims)) {
    test(`${language}: ${claim}`, () => {
      const names = numbers();
      scenario(names);
      checkNames(names);
    });
  }
}

test("at least forty scenarios are told", () => {
  const count = Object.values(scenarios).reduce((sum, of) => sum + Object.keys(of).length, 0);
  assert.ok(count >= 40, `${count} scenarios`);
});
