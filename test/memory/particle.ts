/** The struct class of structs.test.ts, which both of its threads load. */
import { registerClass } from "../../src/memory/classes.ts";
import {
  anything,
  bool,
  f64,
  i32,
  ref,
  str,
  strOrNull,
  struct,
  type StructClass,
  type StructField,
  type StructValues,
} from "../../src/memory/structs.ts";

type Fields = {
  readonly x: StructField<number>;
  readonly y: StructField<number>;
  readonly id: StructField<number>;
  readonly on: StructField<boolean>;
  readonly name: StructField<string>;
  readonly note: StructField<string | null>;
  readonly tag: StructField<unknown>;
  readonly next: StructField<Particle | null>;
};

/** What a particle is made from. */
export type ParticleValues = StructValues<Fields>;

const Base: StructClass<Fields> = struct({
  x: f64,
  y: f64,
  id: i32,
  on: bool,
  name: str,
  note: strOrNull,
  tag: anything,
  next: ref<Particle>(),
});

/** A record of every type of field, with a method. */
export class Particle extends Base {
  get radius(): number {
    return Math.hypot(this.x, this.y);
  }
}

registerClass(Particle);
