/** Instances of struct classes are windows on shared memory, and their misuse is loud. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { inspect } from "node:util";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { hold, scan } from "../../src/memory/scan.ts";
import { isShared, plain, share } from "../../src/memory/share.ts";
import { checkStructs } from "../../src/memory/struct-guards.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { Particle, type ParticleValues } from "./particle.ts";

function values(id: number): ParticleValues {
  return {
    x: id,
    y: id / 4,
    id,
    on: id % 2 === 0,
    name: `p${id}`,
    note: null,
    tag: [id],
    next: null,
  };
}

function particles(count: number): Particle[] {
  return Array.from({ length: count }, (_, id) => new Particle(values(id)));
}

function check(view: object): void {
  checkRegion((locate(view) as Location).region);
}

/** What a careless program does with a struct. */
function spread(value: object): object {
  return Object.assign({}, value);
}

const isRefused = (error: unknown): boolean =>
  error instanceof QuipeError && error.code === "frozen";

test("an instance has its fields and methods before, while and after it is shared", () => {
  const staged = new Particle(values(4));
  staged.x = 3;
  staged.y = 4;
  assert.equal(staged.radius, 5);
  assert.equal(isShared(staged), false);
  const draft = share({ list: [staged], one: staged });
  check(draft);
  const [editable] = draft.list as [Particle];
  assert.equal(editable, draft.one);
  assert.ok(editable instanceof Particle);
  editable.x = 6;
  editable.y = 8;
  editable.name = "renamed 日本";
  editable.tag = { any: ["thing"] };
  editable.next = new Particle(values(9));
  editable.next.next = editable;
  check(draft);
  const view = freeze(draft);
  const [frozen] = view.list as [Particle];
  assert.equal(frozen.radius, 10);
  assert.equal(frozen.name, "renamed 日本");
  assert.equal(frozen.next?.id, 9);
  assert.equal(frozen.next?.next, frozen);
  assert.deepStrictEqual(frozen.tag, { any: ["thing"] });
  assert.equal(staged.radius, 5);
});

test("a frozen instance refuses writes, and so does its old editable view", () => {
  const draft = share(particles(3));
  const [old] = draft as [Particle];
  const [frozen] = freeze(draft) as [Particle];
  assert.throws(() => (frozen.x = 1), isRefused);
  assert.throws(() => (old.name = "a"), isRefused);
  assert.equal(old.name, "p0");
});

test("a value of the wrong type is refused, never converted, and changes nothing", () => {
  const staged = new Particle(values(1));
  const shared = share<Particle[]>([staged])[0] as Particle;
  for (const particle of [staged, shared]) {
    assert.throws(() => ((particle as { x: unknown }).x = "1"), TypeError);
    assert.throws(() => (particle.id = 1.5), TypeError);
    assert.throws(() => ((particle as { on: unknown }).on = 1), TypeError);
    assert.throws(() => ((particle as { name: unknown }).name = null), TypeError);
    assert.throws(() => ((particle as unknown as { fresh: number }).fresh = 1), TypeError);
    assert.deepEqual(plain(particle), values(1));
  }
  assert.throws(
    () => new Particle({ ...values(1), x: undefined as never }),
    /Expected `x` to be a number/,
  );
});

test("what enumerates keys finds the advice instead of nothing", () => {
  const [view] = freeze(particles(2)) as [Particle, Particle];
  assert.match(Object.keys(view).join(), /use plain\(x\)/);
  assert.throws(() => JSON.stringify(spread(view)), /not own properties/);
  assert.throws(() => structuredClone(view));
  assert.deepEqual(JSON.parse(JSON.stringify(view)), values(0));
  assert.deepEqual(plain(view), values(0));
  assert.match(inspect(view), /^Particle \{[^]*name: 'p0'/);
});

test("two different records are not deeply equal", () => {
  const [one, two] = freeze(particles(2)) as [Particle, Particle];
  assert.notDeepStrictEqual(one, two);
  assert.deepStrictEqual(one, one);
});

test("in checked mode a spread throws by itself", () => {
  checkStructs(true);
  try {
    const [view] = freeze(particles(1)) as [Particle];
    assert.throws(() => spread(view), /not own properties/);
    assert.throws(() => spread(new Particle(values(1))), /not own properties/);
  } finally {
    checkStructs(false);
  }
});

test("rows of structs are scanned with one cursor that has the methods of the class", () => {
  const list = freeze(particles(2_000));
  let sum = 0;
  const cursors = new Set<unknown>();
  for (const particle of scan(list)) {
    sum += particle.radius;
    cursors.add(particle);
    assert.equal(hold(particle as never), list[particle.id]);
  }
  assert.equal(cursors.size, 1);
  const expected = particles(2_000).reduce((total, particle) => total + particle.radius, 0);
  assert.equal(sum, expected);
});

test("rows are scanned and written while they are edited", () => {
  const draft = share(particles(3_000));
  for (const particle of scan(draft) as Iterable<Particle>) particle.x = particle.id * 2;
  check(draft);
  assert.equal(draft[2_999]?.x, 5_998);
  assert.equal(freeze(draft).at(-1)?.x, 5_998);
});

test("after a thaw the frozen instance is stale and the editable one writes again", () => {
  const frozen = freeze(share(particles(2)));
  const [before] = frozen as [Particle, Particle];
  const [after] = tryThaw(frozen) as [Particle, Particle];
  after.x = 77;
  assert.equal(after.x, 77);
  assert.throws(
    () => before.x,
    (error) => error instanceof QuipeError && error.code === "stale",
  );
});

test("another thread reads instances by its own class", async () => {
  const { region } = locate(freeze(particles(10))) as Location;
  const worker = new Worker(new URL("./particle-worker.js", import.meta.url));
  worker.postMessage(region.buffer);
  const [radii] = (await once(worker, "message")) as [number[]];
  await worker.terminate();
  assert.deepStrictEqual(
    radii,
    particles(10).map((particle) => particle.radius),
  );
});
