/** Failures and reasons on their way to another task: one that cannot be sent whole is described instead. */
import { QuipeError } from "../errors.ts";
import type { Parcel } from "../sync/messages.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { fromParcel } from "./decode.ts";
import { toFailureParcel } from "./parcels.ts";
import { described } from "./refusals.ts";
import { whyUnsendable } from "./sendable.ts";

/** Whatever was thrown, as bytes. Losing a detail is better than losing the failure. */
export function failureParcel(thrown: unknown): Parcel {
  try {
    const why = whyUnsendable(thrown);
    return toFailureParcel(why === undefined ? thrown : unsendable(thrown, why));
  } catch {
    return toFailureParcel(unsendable(thrown, "it cannot even be looked at."));
  }
}

/** What {@link failureParcel} made bytes of. If it cannot be had here, the error that says so: nothing else is thrown. */
export function failureIn(parcel: Pick<Parcel, "bytes">): unknown {
  try {
    return fromParcel(parcel);
  } catch (error) {
    if (isOnItsWay(error)) throw error;
    return error;
  }
}

/** Stands for what was thrown; what an object had to say for itself goes along as the cause. */
function unsendable(thrown: unknown, why: string): QuipeError {
  const message = `What was thrown or given as a reason, ${described(thrown)}, cannot be sent: ${why}`;
  return new QuipeError("not-sendable", message, { cause: fieldsOf(thrown) });
}

function fieldsOf(thrown: unknown): unknown {
  try {
    return typeof thrown === "object" ? { ...thrown } : undefined;
  } catch {
    return undefined;
  }
}
