/**
 * What a program for the explorer is: a few threads over a little shared memory, and a claim about them.
 *
 * A program is an exported constant of a module in test/model/programs. The explorer loads that module
 * in every thread, bound to a copy of the production code in which only src/runtime/atomics.ts is
 * replaced, and runs its threads again and again, each time in another order. See README.md here.
 */

/** The shared memory of a program by name, the same for every thread, zeroed before every execution. */
export type Memory<Buffers extends string> = { readonly [name in Buffers]: SharedArrayBuffer };

/** What a thread can tell the explorer. */
export interface Context {
  /** This thread's name. */
  readonly name: string;
  /** Remembers a number for `after`, in the order in which the threads really ran. Not a step. */
  record(value: number): void;
}

/** One number that a thread recorded. */
export interface LogEntry {
  readonly thread: string;
  readonly value: number;
}

/** What is known about one execution once it is over. */
export interface Run {
  /** What the threads recorded, in order. */
  readonly log: readonly LogEntry[];
  /** The thread that was killed, if one was. */
  readonly killed: string | undefined;
}

/** The code of one thread; asynchronous if it waits with `waitAsync`. */
export type ThreadBody<Buffers extends string> = (
  memory: Memory<Buffers>,
  context: Context,
) => void | Promise<void>;

/** Which thread is killed, and what is done about it. */
export interface Kill<Buffers extends string> {
  /** The thread that dies, once after each of its steps. */
  readonly thread: string;
  /** What the reaper would do; runs as one more thread, mixed with the survivors. */
  readonly repair?: ThreadBody<Buffers>;
  /** Bound of pre-emptions while killing; 1 unless told. */
  readonly preemptions?: number;
}

/** A program whose schedules are explored. */
export interface Program<Buffers extends string = string> {
  /** What holds in every schedule; for a program that must fail, what is wrong with it. */
  readonly claim: string;
  /** Names and bytes of the shared memory. */
  readonly buffers: Readonly<Record<Buffers, number>>;
  /** Prepares the zeroed memory before each execution. */
  readonly setup?: (memory: Memory<Buffers>) => void;
  /** The threads by name, at least one, in the order in which they run when nothing else decides. */
  readonly threads: Readonly<Record<string, ThreadBody<Buffers>>>;
  /** Holds before every step of every thread. */
  readonly always?: (memory: Memory<Buffers>) => void;
  /** Holds once every thread has ended or is dead. */
  readonly after?: (memory: Memory<Buffers>, run: Run) => void;
  /** Explores a second time, with one thread killed. */
  readonly kill?: Kill<Buffers>;
  /** Bound of pre-emptions; 2 unless told. */
  readonly preemptions?: number;
  /** Steps after which an execution counts as endless; 2,000 unless told. */
  readonly stepLimit?: number;
  /**
   * `"fire"` (unless told): a wait with a timeout times out when nothing else can run, or by a pre-emption.
   * `"never"`: no wait times out, so that a lost wake-up is not hidden by the timeout meant as its safety net.
   */
  readonly timeouts?: "fire" | "never";
  /**
   * Pre-empts threads also between an operation and the plain code after it. Twice the steps; shows plain
   * reads and writes on the wrong side of the operation that should publish them.
   */
  readonly pauses?: boolean;
  /** Only for programs that must fail: the message, and the fewest pre-emptions that show it. */
  readonly fails?: { readonly message: RegExp; readonly preemptions: number };
}

/** The numbers one thread recorded, in order. */
export function recordedBy(run: Run, thread: string): number[] {
  return run.log.filter((entry) => entry.thread === thread).map((entry) => entry.value);
}
