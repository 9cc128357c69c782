/** Failures and reasons on their way to another task: one that cannot be sent whole is described instead. */
import { QuipeError } from "../errors.ts";
import type { Parcel } from "../sync/messages.ts";
import { toParcel } from "./parcels.ts";

/** Whatever was thrown, as bytes. Losing a detail is better than losing the failure. */
export function failureParcel(thrown: unknown): Parcel {
  try {
    return toParcel(thrown);
  } catch (refusal) {
    return toParcel(
      new QuipeError("not-sendable", `What was thrown cannot be sent: ${named(thrown)}.`, {
        cause: refusal,
      }),
    );
  }
}

function named(thrown: unknown): string {
  if (typeof thrown === "function") return `function ${thrown.name || "without a name"}`;
  try {
    return String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
