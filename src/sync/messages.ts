/**
 * What travels between a thread and the reaper, by port. Everything that must carry a SharedArrayBuffer
 * goes this way, since only `postMessage` can hand one over; everything else lives in shared words.
 *
 *   thread ── ToReaper ──▶ reaper ── ToThread ──▶ thread's inbox, then its doorbell
 *
 * A parcel is a value as quipe/encode.ts writes it: bytes, in which shared buffers are named by their numbers.
 */
import type { TaskId } from "./board.ts";

/**
 * A value on its way between threads, as encoded bytes, and the shared buffers that it names. The bytes are a buffer
 * and not a view of one, because Deno looks for ports in each element of a view that it receives: 16 MB took 30 s.
 */
export interface Parcel {
  readonly bytes: ArrayBufferLike;
  readonly carries: readonly number[];
  /** Whether it moves something, so that only one receiver can have that. */
  readonly isMoving?: boolean;
}

/**
 * What keeps a buffer in the directory: the pins in it, as in a region or in the words about the ends of a quipe, the task that published it, or only the messages
 * that carry it. See task/directory.ts.
 */
export type Holding = "pins" | "ends" | "publisher" | "messages";

/** Why an item of a quipe is never received. */
export type Loss = "broken" | "aborted" | "dropped";

/** A shared buffer for the directory. */
export interface Publication {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  readonly holding: Holding;
  /** Other shared buffers that its content names. */
  readonly carries: readonly number[];
  /** How often it was published, if its memory says the same, so that whoever has an older publication can tell. */
  readonly edition?: number | undefined;
}

/** A shared buffer as it is sent to a thread of a browser. */
export type Supplied = Pick<Publication, "id" | "buffer" | "edition">;

/** Where the code of a task is. */
export type Entry =
  | { readonly kind: "export"; readonly url: string; readonly name: string }
  | { readonly kind: "registered"; readonly url: string; readonly key: string }
  | {
      readonly kind: "source";
      readonly text: string;
      /** Names in the text that compilers put there, for which there are stand-ins. */
      readonly standIns: readonly string[];
    }
  /** Registered by the file of a worker that the program made for this task; without a name, the only one there. */
  | { readonly kind: "guest"; readonly name: string | undefined };

/** How a task ended. */
export type EndKind = "done" | "failed" | "cancelled" | "killed" | "crashed";

/** A request to run something on a thread. */
export interface Start {
  readonly task: TaskId;
  readonly spawner: TaskId;
  readonly name: string;
  readonly entry: Entry;
  /** The arguments; and behind them the names, if any were handed over. */
  readonly arguments: Parcel;
  readonly hasNames: boolean;
  /** Whether the stores of named storages (task/context.ts) lie behind those. */
  readonly hasContexts: boolean;
  readonly quipe: SharedArrayBuffer;
  readonly resourceLimits?: Readonly<Record<string, number>> | undefined;
  /** When the reaper cancels it, as of sync/deadline.ts; `Infinity` if never. */
  readonly deadline: number;
  /** How many milliseconds after that it kills it. */
  readonly graceMs: number;
  /** Why it never runs, if it comes too late. */
  readonly stillborn?: Parcel | undefined;
  /** Which scope of its spawner it belongs to, in the order in which they were opened; none if it may outlive it. */
  readonly scope?: number | undefined;
  /** Whether a shield around that scope holds off what cancels the spawner. */
  readonly isShielded?: boolean | undefined;
}

/** What the reaper keeps, in numbers. */
export interface Census {
  /** Tasks that are not buried yet; the root is none of them. */
  readonly tasks: number;
  /** Worker threads: busy, idle, beginning and being stopped. */
  readonly threads: number;
  /** Entries of the directory. */
  readonly buffers: number;
}

/** What the reaper puts into a thread's inbox. */
export type ToThread =
  | { readonly kind: "census"; readonly census: Census }
  /** An item of a quipe that was accepted by some task and will not be received; a parcel has it. */
  | {
      readonly kind: "undelivered";
      readonly quipe: number;
      readonly why: Loss;
      readonly parcelId: number;
    }
  /** To the root: the reaper ends, because of a defect of its own. */
  | { readonly kind: "reaperFailed"; readonly why: string }
  /** Answers a fetch; without a buffer if that is gone. */
  | { readonly kind: "buffer"; readonly id: number; readonly buffer: SharedArrayBuffer | undefined }
  /** The same in a browser: that it is on its way by the event loop, not there yet, or gone; and of a parcel, which never changes, its content. */
  | {
      readonly kind: "fetched";
      readonly id: number;
      readonly found: "coming" | "in vain" | "gone";
      readonly parcel?: Parcel | undefined;
    }
  /** In a browser: buffers that were asked for or will be needed soon, and numbers that mean nothing any more. */
  | {
      readonly kind: "supply";
      readonly buffers: readonly Supplied[];
      readonly gone: readonly number[];
    }
  | { readonly kind: "cancel"; readonly task: TaskId; readonly reason: Parcel }
  /** Asks the thread that made a worker for a task to end it. */
  | { readonly kind: "endGuest"; readonly task: TaskId }
  | {
      readonly kind: "holders";
      readonly id: number;
      readonly tasks: readonly string[];
      readonly inMessages: boolean;
      /** The locked names that hold it in place, in words. */
      readonly lockedNames: readonly string[];
    }
  | {
      readonly kind: "outcome";
      readonly task: TaskId;
      readonly how: EndKind;
      readonly parcel: Parcel;
      /** False where the runtime could not stop the thread: it may go on running. */
      readonly stopped: boolean;
      /** Who killed it, in words; empty for any other end. */
      readonly by: string;
      /** What it reported last, if it did. */
      readonly report: Parcel | undefined;
    }
  /** To the root: a task failed, and nobody else is left to hear of it. */
  | { readonly kind: "lost"; readonly name: string; readonly parcel: Parcel };

/** What the reaper tells a worker through its own port, which an idle worker listens to. */
export type ToWorker = { readonly kind: "run"; readonly start: Start } | { readonly kind: "stop" };
