/** Values in bytes of their own, for what does not go through a lane: arguments, results, errors, reasons. */
import { QuipeError } from "../errors.ts";
import { type Traveller, comeBack } from "../memory/travellers.ts";
import type { Parcel } from "../sync/messages.ts";
import { type Encoded, encode } from "./encode.ts";

/** Encodes what was thrown, or a reason: what cannot be sent in it becomes a text that describes it. */
export function toFailureParcel(failure: unknown): Parcel {
  return parcelOf(encode(failure, true));
}

/** Encodes `value` into bytes of its own, for any number of receivers. Throws `not-sendable`, also if it moves anything. */
export function toParcel(value: unknown): Parcel {
  const { parcel, moves } = toMovingParcel(value);
  if (moves.length === 0) return parcel;
  comeBack(moves);
  throw new QuipeError(
    "not-sendable",
    "An error or a reason cannot move anything, since several tasks may receive it.",
  );
}

/** Encodes `value` into bytes of its own, for one receiver; and what is moved by that. Throws `not-sendable` or `moved`. */
export function toMovingParcel(value: unknown): {
  readonly parcel: Parcel;
  readonly moves: readonly Traveller[];
} {
  const encoded = encode(value);
  const { moves } = encoded;
  return { parcel: parcelOf(encoded), moves };
}

function parcelOf(encoded: Encoded): Parcel {
  const parcel = { bytes: encoded.writer.copy().buffer, carries: encoded.carries };
  encoded.release();
  return parcel;
}
