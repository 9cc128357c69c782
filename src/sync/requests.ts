/**
 * What threads ask of the reaper. A request may bring ports, which are of the runtime; see enrolment.ts for why that
 * keeps it out of messages.ts.
 */
import type { TaskId } from "./board.ts";
import type { GuestPorts } from "./enrolment.ts";
import type { Loss, Parcel, Publication, Start } from "./messages.ts";

/** What a thread asks of the reaper. */
export type ToReaper =
  /** The thread can run a task. */
  | { readonly kind: "ready" }
  | { readonly kind: "spawn"; readonly start: Start; readonly guest?: GuestPorts | undefined }
  /** The task has its arguments, so the message with them carries nothing any more. */
  | { readonly kind: "begun"; readonly task: TaskId }
  /** The spawner has the outcome, which carries nothing any more. */
  | { readonly kind: "received"; readonly task: TaskId }
  /** Somebody was told of the failure of a task, which need not be raised any more. */
  | { readonly kind: "heard"; readonly task: TaskId }
  /** Asks for the {@link Census}; for tests. */
  | { readonly kind: "census"; readonly slot: number }
  | { readonly kind: "publish"; readonly publication: Publication }
  | { readonly kind: "fetch"; readonly id: number; readonly slot: number }
  /** In a browser: asks for those of these buffers that there are, and does not wait for others. */
  | { readonly kind: "prefetch"; readonly ids: readonly number[]; readonly slot: number }
  /** This task has no more use for a buffer. */
  | { readonly kind: "unused"; readonly id: number }
  /** Its owner gave the memory of a region back, whoever may know its number. */
  | { readonly kind: "released"; readonly id: number }
  /** Items that named these buffers lie in a lane from which nobody receives any more; or names are bound to them no longer. */
  | { readonly kind: "refused"; readonly ids: readonly number[] }
  /** For the task that wants to hear of it: an item of a quipe that was accepted and will not be received. */
  | {
      readonly kind: "undelivered";
      readonly home: TaskId;
      readonly quipe: number;
      readonly why: Loss;
      readonly parcel: Parcel;
    }
  /** Asks who else keeps a region from being thawed. */
  | { readonly kind: "holders"; readonly id: number; readonly slot: number }
  | {
      /** The worker that a task's program made for it has ended, or was never fit. */
      readonly kind: "guestGone";
      readonly task: TaskId;
      readonly why: Parcel;
    }
  | {
      readonly kind: "cancel";
      readonly task: TaskId;
      readonly reason: Parcel;
      readonly graceMs: number | undefined;
    }
  | { readonly kind: "kill"; readonly task: TaskId; readonly reason: Parcel }
  | {
      readonly kind: "ended";
      readonly task: TaskId;
      readonly how: "done" | "failed" | "cancelled" | "crashed";
      readonly parcel: Parcel;
      /** Whether the thread may have another task; or it says so later, by `vacated`. */
      readonly reusable: boolean | "later";
    }
  | { readonly kind: "vacated"; readonly reusable: boolean };
