/** Declared types: a table of a million structs in shared memory, beside the same rows as plain objects. */
import { bool, f64, freeze, i32, registerClass, share, str, struct } from "../../../src/index.ts";
import { makeTable, type Product } from "../../data/table.ts";
import type { Subjects } from "../../harness/timing.ts";
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "structs",
  rounds: 3,
  rows: [
    {
      what: "for-of all rows, two numbers",
      unit: "ns",
      of: "for-of.view",
      against: "for-of.plain",
      ratio: "cost",
      reach: 2,
    },
    {
      what: "three fields of random rows, 5,000 hot ones of all",
      unit: "ns",
      of: "random-rows.view",
      against: "random-rows.plain",
      ratio: "cost",
      reach: 4,
    },
    {
      what: "store of a number, with permission and type check",
      unit: "ns",
      of: "store.view",
      against: "store.plain",
      ratio: "cost",
      reach: 1.7,
    },
    {
      what: "read, add and store",
      unit: "ns",
      of: "update.view",
      against: "update.plain",
      ratio: "cost",
    },
  ],
};

class ProductRow extends struct({
  id: i32,
  name: str,
  category: str,
  price: f64,
  stock: i32,
  active: bool,
}) {}

/** A table of plain objects, and the same in frozen structs. */
export function makeTables(rows: number): Subjects<readonly Product[]> {
  registerClass(ProductRow);
  const plain = makeTable(rows);
  return { plain, view: freeze(plain.map((row) => new ProductRow(row))) };
}

/** A point that moves. */
export interface Particle {
  x: number;
  y: number;
  readonly name: string;
}

class ParticleRow extends struct({ x: f64, y: f64, name: str }) {}

/** How many particles there are, and how often each is changed. */
export const PARTICLES = 1000;
export const TIMES = 200;

/** Plain objects in an ordinary array, and structs that may be written in another. */
export function makeParticles(): Subjects<readonly Particle[]> {
  registerClass(ParticleRow);
  const plain = Array.from({ length: PARTICLES }, (_, i) => ({
    x: i + 0.5,
    y: i * 0.25,
    name: `particle ${i}`,
  }));
  return { plain, view: [...share(plain.map((particle) => new ParticleRow(particle)))] };
}

/** Gives every particle another place, again and again. */
export function storeNumbers(particles: readonly Particle[]): number {
  for (let time = 0; time < 200; time++) {
    for (let i = 0; i < particles.length; i++) {
      (particles[i] as Particle).x = i + time * 0.5;
    }
  }
  return particles.at(-1)?.x ?? 0;
}

/** Moves every particle, again and again. */
export function updateNumbers(particles: readonly Particle[]): number {
  for (let time = 0; time < 200; time++) {
    for (let i = 0; i < particles.length; i++) {
      const particle = particles[i] as Particle;
      particle.x += particle.y;
    }
  }
  return particles.at(-1)?.x ?? 0;
}
