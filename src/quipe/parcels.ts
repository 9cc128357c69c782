/** Values in bytes of their own, for what does not go through a lane: arguments, results, errors, reasons. */
import { QuipeError } from "../errors.ts";
import { comeBack } from "../memory/flight.ts";
import type { Region } from "../memory/region.ts";
import type { Parcel } from "../sync/messages.ts";
import { encode } from "./encode.ts";

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
  readonly moves: readonly Region[];
} {
  const encoded = encode(value);
  const { carries, moves } = encoded;
  const parcel = { bytes: encoded.writer.copy(), carries };
  encoded.release();
  return { parcel, moves };
}
