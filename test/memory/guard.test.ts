import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Guard,
  describe,
  f64,
  freeze,
  guard,
  i32,
  plain,
  registerClass,
  share,
  spawn,
  str,
  struct,
  update,
  updateSync,
} from "../../src/index.ts";
import { withoutNewMemory } from "../here.ts";

class Account extends struct({ balance: f64, changes: i32, owner: str }) {}
registerClass(Account);

function throws(code: string): (error: unknown) => boolean {
  return (error) => (error as { code?: string }).code === code;
}

test("an update is seen as a whole, and one that throws leaves nothing", () => {
  const data = { n: 1, text: "a", list: [1, 2], map: new Map([["k", 1]]), more: { deep: [{}] } };
  const guarded = guard(data);
  const before = plain(guarded.snapshotSync());
  assert.throws(
    () =>
      guarded.updateSync((it) => {
        it.n = 2;
        it.text = "ü€ and much longer than before";
        it.list.push(3, 4, 5);
        it.list[0] = 1.5;
        it.map.set("k", 2).set("l", 3);
        it.map.delete("k");
        it.more.deep.push({ a: 1 }, { b: [2] });
        (it.more as Record<string, unknown>)["new"] = "key";
        Reflect.deleteProperty(it.more, "deep");
        throw new RangeError("no");
      }),
    RangeError,
  );
  assert.deepEqual(plain(guarded.snapshotSync()), before);
  guarded.updateSync((it) => {
    it.list.push(3);
    it.more.deep.push({ a: 1 });
  });
  assert.deepEqual(guarded.snapshotSync().list, [1, 2, 3]);
  assert.deepEqual(guarded.snapshotSync().more, { deep: [{}, { a: 1 }] });
});

test("a struct is updated in place and undone in place", () => {
  const guarded = guard([
    new Account({ balance: 1, changes: 0, owner: "Ada" }),
    new Account({ balance: 2, changes: 0, owner: "Ben" }),
  ]);
  const spoil = (accounts: Account[]): never => {
    for (const account of accounts) {
      account.balance *= 100;
      account.changes++;
      account.owner = `${account.owner} the Great`;
    }
    throw new Error("undone");
  };
  assert.throws(() => guarded.updateSync(spoil), /undone/);
  assert.deepEqual(
    guarded.readSync((accounts) => accounts.map(({ balance, owner }) => [balance, owner])),
    [
      [1, "Ada"],
      [2, "Ben"],
    ],
  );
  guarded.updateSync(([first]) => {
    if (first !== undefined) first.balance += 0.5;
  });
  assert.equal(
    guarded.readSync(([first]) => first?.balance),
    1.5,
  );
});

test("views are good only inside, and a read may not write", () => {
  const guarded = guard({ n: 1, list: [{ a: 1 }] });
  const kept: { n: number; list: object[] }[] = [];
  guarded.updateSync((it) => kept.push(it));
  assert.throws(() => kept[0]?.n, throws("not-owner"));
  assert.throws(() => kept[0]?.list, throws("not-owner"));
  assert.throws(() => guarded.readSync((it) => Reflect.set(it, "n", 2)), throws("not-owner"));
  assert.throws(
    () => guarded.readSync((it) => (it.list as object[]).push({})),
    throws("not-owner"),
  );
  assert.equal(
    guarded.readSync((it) => it.n),
    1,
  );
});

test("a draft is guarded where it is, its old views are dead, and what cannot be guarded is refused", () => {
  const draft = share({ n: 1, part: { a: 1 } });
  assert.throws(() => guard(draft.part), throws("not-shareable"));
  const guarded = guard(draft);
  assert.throws(() => draft.n, throws("not-owner"));
  assert.throws(() => freeze(draft), throws("not-owner"));
  assert.equal(
    guarded.readSync((it) => it.n),
    1,
  );
  assert.equal(guard(guarded as object), guarded);
  assert.throws(() => guard(freeze({ n: 1 })), throws("frozen"));
  assert.throws(() => guard({ f: () => 1 }), throws("not-shareable"));
  assert.throws(() => guard(5 as unknown as object), TypeError);
  assert.throws(() => guarded.updateSync(5 as unknown as () => void), TypeError);
  assert.throws(() => structuredClone(guarded));
  assert.throws(() => JSON.stringify({ guarded }), throws("not-sendable"));
});

test("a function that returns a promise is refused and what it did is undone", async () => {
  const guarded = guard({ n: 1 });
  const slow = async (it: { n: number }): Promise<void> => {
    it.n = 2;
    await Promise.resolve();
    it.n = 3;
  };
  assert.throws(() => guarded.updateSync(slow), TypeError);
  await assert.rejects(guarded.update(slow), TypeError);
  assert.equal(await guarded.read((it) => it.n), 1);
});

test("an update inside an update is a part of it, and spoils all of it when it throws", () => {
  const guarded = guard({ n: 1 });
  guarded.updateSync((it) => {
    it.n++;
    guarded.updateSync((same) => same.n++);
    assert.equal(
      guarded.readSync((same) => same.n),
      3,
    );
  });
  assert.throws(
    () =>
      guarded.updateSync((it) => {
        it.n = 10;
        try {
          guarded.updateSync(() => {
            throw new Error("inner");
          });
        } catch {
          it.n = 11;
        }
      }),
    /inner/,
  );
  assert.equal(
    guarded.readSync((it) => it.n),
    3,
  );
});

test("what could make two tasks wait for each other is refused at once", async () => {
  const one = guard({ n: 1 });
  const other = guard({ n: 1 });
  assert.throws(() => one.updateSync(() => other.updateSync(() => {})), throws("deadlock"));
  assert.throws(() => one.readSync(() => one.updateSync(() => {})), throws("deadlock"));
  let inner: Promise<unknown> = Promise.resolve();
  await one.update(() => {
    inner = other.update(() => {});
    inner.catch(() => {});
  });
  await assert.rejects(inner, throws("deadlock"));
});

test("several guards are updated together or not at all", async () => {
  const from = guard({ balance: 10 });
  const to = guard({ balance: 0 });
  const moved = await update([to, from], (a, b) => {
    a.balance += 4;
    b.balance -= 4;
    return b.balance;
  });
  assert.equal(moved, 6);
  assert.throws(
    () =>
      updateSync([from, to], (a, b) => {
        a.balance = 0;
        b.balance = 0;
        throw new Error("no");
      }),
    /no/,
  );
  assert.deepEqual(
    [plain(from.snapshotSync()), plain(to.snapshotSync())],
    [{ balance: 6 }, { balance: 4 }],
  );
  await assert.rejects(async () => update([], () => {}), TypeError);
  await assert.rejects(async () => update([{} as never], () => {}), TypeError);
});

test("many tasks count together, blocking and not, and none is lost", async () => {
  const count = guard({ sync: 0, async: 0, words: [] as string[] });
  const tasks = [1, 2, 3].map((number) =>
    spawn(
      async (shared: typeof count, name: string) => {
        for (let i = 0; i < 200; i++) {
          shared.updateSync((it) => it.sync++);
          await shared.update((it) => it.async++);
          if (i % 50 === 0) await shared.update((it) => it.words.push(`${name} ${i}`));
        }
      },
      [count, `task ${number}`],
    ),
  );
  await Promise.all(tasks.map((task) => task.result));
  const { sync, async: awaited, words } = count.snapshotSync();
  assert.deepEqual([sync, awaited, words.length], [600, 600, 12]);
  assert.ok(words.includes("task 2 150"));
});

test("a read sees no half update while others write", async () => {
  const pair = guard({ one: 0, two: 0 });
  const writer = spawn(
    (shared: typeof pair) => {
      for (let i = 0; i < 500; i++) {
        shared.updateSync((it) => {
          it.one++;
          it.two++;
        });
      }
    },
    [pair],
  );
  let seen = 0;
  while (seen < 500) {
    seen = await pair.read(({ one, two }) => {
      assert.equal(one, two);
      return one;
    });
  }
  await writer.result;
});

test("a wait that is given up has no effect, and the others have their turns", async () => {
  const guarded = guard({ n: 0 });
  const holder = spawn(
    async (shared: typeof guarded) => {
      const { current } = await import("quipe");
      const { quipe } = current<string, string>();
      shared.updateSync((it) => {
        it.n++;
        quipe.trySend("inside");
        while (quipe.statistics().in.sent === 0);
      });
    },
    [guarded],
  );
  await holder.quipe.receive();
  await assert.rejects(
    guarded.update(() => {}, { timeoutMs: 1 }),
    throws("timed-out"),
  );
  assert.throws(() => guarded.updateSync(() => {}, { timeoutMs: 0 }), throws("timed-out"));
  const controller = new AbortController();
  const waiting = guarded.read((it) => it.n, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  holder.quipe.trySend("go");
  assert.equal(await guarded.read((it) => it.n), 1);
  await holder.result;
});

test("a thread that blocks for a task leaves the queue in which that task waits", async () => {
  const guarded = guard({ n: 0 });
  const holder = spawn(
    async (shared: typeof guarded) => {
      const { current } = await import("quipe");
      const { quipe } = current<string, string>();
      shared.updateSync((it) => {
        quipe.trySend("inside");
        while (quipe.statistics().in.sent === 0);
        it.n += 1;
      });
    },
    [guarded],
  );
  await holder.quipe.receive();
  const mine = guarded.update((it) => (it.n += 10)); // waits its turn, without blocking
  const other = spawn(
    async (shared: typeof guarded) => {
      const { current } = await import("quipe");
      const { quipe } = current<number, string>();
      await quipe.receive();
      quipe.sendSync(shared.updateSync((it) => (it.n += 100)));
    },
    [guarded],
  );
  await other.quipe.send("go");
  await holder.quipe.send("leave");
  assert.equal(other.quipe.receiveSync({ timeoutMs: 60_000 }), 101);
  assert.equal(await mine, 111);
});

test("until waits for what another task does", async () => {
  const guarded = guard({ stage: 0 });
  const helper = spawn(
    async (shared: typeof guarded) => {
      for (;;) {
        const stage = shared.untilSync((it) => it.stage % 2 === 1 && it.stage);
        shared.updateSync((it) => it.stage++);
        if (Number(stage) >= 5) return stage;
      }
    },
    [guarded],
  );
  for (let stage = 1; stage <= 5; stage += 2) {
    await guarded.update((it) => it.stage++);
    await guarded.until((it) => it.stage > stage);
  }
  assert.equal(await helper.result, 5);
  await assert.rejects(
    guarded.until(() => false, { timeoutMs: 5 }),
    throws("timed-out"),
  );
});

test("a region that outgrows its buffer inside an update takes over when that commits", async () => {
  const guarded = guard({ list: ["first"] });
  const long = "x".repeat(1 << 16);
  const grow = (shared: Guard<{ list: string[] }>, text: string): number =>
    shared.updateSync((it) => {
      for (let i = 0; i < 400; i++) it.list.push(text + i);
      return it.list.length;
    });
  assert.throws(() =>
    guarded.updateSync((it) => {
      for (let i = 0; i < 400; i++) it.list.push(long + i);
      throw new Error("undone");
    }),
  );
  assert.deepEqual(plain(guarded.snapshotSync()), { list: ["first"] });
  assert.equal(await spawn(grow, [guarded, long]).result, 401);
  assert.equal(
    guarded.readSync((it) => it.list[400]),
    `${long}399`,
  );
  guarded.updateSync((it) => (it.list.length = 2));
  assert.equal(
    await spawn((it: typeof guarded) => it.readSync((data) => data.list.length), [guarded]).result,
    2,
  );
});

// docs/runtimes.md: blocking
test(
  "a guarded object may refer to frozen ones, which others then find",
  { skip: withoutNewMemory },
  async () => {
    const guarded = guard({ latest: freeze({ version: 0 }) });
    const publish = (shared: typeof guarded): Promise<void> =>
      import("quipe").then((quipe) =>
        shared.updateSync((it) => {
          it.latest = quipe.freeze({ version: 1 });
        }),
      );
    guarded.updateSync((it) => (it.latest = freeze({ version: 2 })));
    assert.equal(
      guarded.readSync((it) => it.latest.version),
      2,
    );
    await spawn(publish, [guarded]).result;
    assert.equal(
      guarded.readSync((it) => it.latest.version),
      1,
    );
  },
);

test("describe tells that something is guarded", () => {
  const guarded = guard({ n: 1 });
  const { state, level, region } = describe(guarded);
  assert.deepEqual([state, level], ["guarded", 8]);
  assert.ok((region?.bytes ?? 0) > 0);
});
