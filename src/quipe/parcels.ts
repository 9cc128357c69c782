/** Values in bytes of their own, for what does not go through a lane: arguments, results, errors, reasons. */
import { QuipeError } from "../errors.ts";
import { type Traveller, comeBack } from "../memory/travellers.ts";
import type { Parcel } from "../sync/messages.ts";
import { encode } from "./encode.ts";
import type { Encoded } from "./encoded.ts";

/** A value in a parcel. */
export interface Packed {
  readonly parcel: Parcel;
  /** To be referred to until the parcel is on its way. */
  readonly keeps: Encoded["keeps"];
}

/** Encodes what was thrown, or a reason: what cannot be sent in it becomes a text that describes it. */
export function toFailureParcel(failure: unknown): Parcel {
  return parcelOf(encode(failure, true));
}

/** Encodes `value` into bytes of its own, for any number of receivers. Throws `not-sendable`, also if it moves anything. */
export function toParcel(value: unknown): Parcel {
  return toLastingParcel(value).parcel;
}

/** The same for a parcel that is not sent at once. */
export function toLastingParcel(value: unknown): Packed {
  const { parcel, moves, keeps } = toMovingParcel(value);
  if (moves.length === 0) return { parcel, keeps };
  comeBack(moves);
  throw new QuipeError(
    "not-sendable",
    "An error or a reason cannot move anything, since several tasks may receive it.",
  );
}

/** Encodes `value` into bytes of its own, for one receiver; and what is moved by that. Throws `not-sendable` or `moved`. */
export function toMovingParcel(value: unknown): Packed & { readonly moves: readonly Traveller[] } {
  const encoded = encode(value);
  const { moves, keeps } = encoded;
  return { parcel: parcelOf(encoded), moves, keeps };
}

function parcelOf(encoded: Encoded): Parcel {
  const parcel = { bytes: encoded.writer.copy().buffer, carries: encoded.carries };
  encoded.release();
  return parcel;
}
