/**
 * The dictionary of the explorer's own shared memory: what the explorer and its threads tell each other.
 *
 *     words   one word each: how the execution is going            (below: WORDS)
 *     seats   SEAT_WORDS for each thread: where it is, what it waits for (below: SEAT)
 *     gates   one for each thread and one for the explorer; only a thread whose gate is open runs
 *     plan    pairs (step, thread): where this execution leaves the default schedule
 *     trace   TRACE_WORDS for each step taken: who was chosen, out of whom, and what it did
 *     log     pairs (thread, number): what the threads recorded
 *     text    the message of an error that a thread threw, UTF-8
 *     clock   one number: what the threads take for the time, moved on only by timeouts that fire
 *     due     one number for each slot of each thread: the time at which its timeout may fire
 *
 * Exactly one thread runs at a time, the one that has the *turn*. Whoever has the turn is the only writer
 * of everything here; it hands the turn on by opening another gate, which is an atomic store, so
 * the next one sees all that was written. Nothing but the gates is therefore accessed atomically.
 */

/** Most threads of one program, its repairing thread included. */
export const MOST_THREADS = 8;

/** The gate of the explorer itself. */
export const EXPLORER: number = MOST_THREADS;

/** Most steps of one execution. */
export const MOST_STEPS = 20_000;

/** Most numbers recorded in one execution. */
export const MOST_RECORDS = 4096;

/** Words of {@link Control.words}. */
export const WORDS = {
  /** What an open gate means: one of {@link COMMAND}. */
  command: 0,
  /** Steps chosen so far. */
  steps: 1,
  /** The thread chosen last, -1 before the first step. */
  last: 2,
  /** Entries in the plan, and how many of them have been followed. */
  planned: 3,
  followed: 4,
  /** Which thread is to be killed (-1: none), after how many of its steps, and its tear (schedule.ts). */
  victim: 5,
  victimSteps: 6,
  tear: 7,
  /** The step before which the victim was killed, -1 while it lives; and how many words it had written plainly. */
  killedBefore: 8,
  tornWords: 9,
  /** Threads of the program, and the index of the repairing one (-1: none). */
  threads: 10,
  repairer: 11,
  /** How the execution ended: one of {@link OUTCOME}, and the thread concerned. */
  outcome: 12,
  outcomeThread: 13,
  textBytes: 14,
  records: 15,
  stepLimit: 16,
  /** 1 if a wait with a timeout may time out. */
  timeouts: 17,
  /** 1 if a thread may also be pre-empted between an operation and the plain code after it. */
  pauses: 18,
} as const;

/** What a thread is to do once its gate opens. */
export const COMMAND = { run: 0, unwind: 1, leave: 2 } as const;

/** How an execution ended. */
export const OUTCOME = {
  running: 0,
  ended: 1,
  deadlock: 2,
  threw: 3,
  tooLong: 4,
  diverged: 5,
} as const;

/** Words of one seat. Slot 0 is the blocking wait; the others are pending asynchronous waits. */
export const SEAT = {
  phase: 0,
  /** Steps this thread has taken. */
  steps: 1,
  /** Operation it stands before, or is blocked in: index into {@link OPERATIONS}, and the word. */
  operation: 2,
  location: 3,
  /** 1 once what this thread left behind in its event loop forbids to use it again. */
  spent: 4,
  /** 1 if the thread's code is asynchronous. */
  asynchronous: 5,
  /** Pairs (state, location), SLOTS of them. */
  slots: 6,
} as const;

/** Waits that one thread may have pending at once. */
export const SLOTS = 12;

/** Words of one seat. */
export const SEAT_WORDS: number = SEAT.slots + 2 * SLOTS;

/** Where a thread is. */
export const PHASE = {
  /** Not in this execution, or all its code has run. */
  ended: 0,
  /** Has not yet run up to its first operation. */
  unstarted: 1,
  /** Stands before an operation and could take it. */
  ready: 2,
  /** Blocked in `wait`: slot 0 says on what. */
  blocked: 3,
  /** Waits for promises: its other slots say on what. */
  awaiting: 4,
  /** Killed: never runs again in this execution. */
  killed: 5,
  /** The repairing thread before there is anything to repair. */
  dormant: 6,
} as const;

/** Where a thread's clock starts, in milliseconds. */
export const START_OF_TIME = 1000;

/** The location of a timer, which nobody can notify. */
export const NOWHERE = -1;

/** State of one slot. */
export const SLOT = { free: 0, waiting: 1, timed: 2, woken: 3, fired: 4 } as const;

/** Every kind of step, in the order of their codes. */
export const OPERATIONS = [
  "start",
  "load",
  "store",
  "add",
  "or",
  "and",
  "exchange",
  "compareExchange",
  "wait",
  "waitAsync",
  "notify",
  "resume",
  "pause",
] as const;

/** One kind of step. */
export type Operation = (typeof OPERATIONS)[number];

/** What a wait answers, in the order of their codes. */
export const WAIT_ANSWERS = ["ok", "not-equal", "timed-out", "waits"] as const;

/** Words of one trace entry: the choice (see {@link packChoice}), then what the chosen thread did. */
export const TRACE = {
  choice: 0,
  operation: 1,
  location: 2,
  first: 3,
  second: 4,
  result: 5,
} as const;

/** Words of one trace entry. */
export const TRACE_WORDS = 6;

/** Why a choice was made, which decides what the other possibilities cost. */
export const REASON = {
  /** The thread that ran could go on: any other choice is a pre-emption. */
  goOn: 0,
  /** It could not (it waits, ended or was killed): any thread that can run is a free choice. */
  stopped: 1,
  /** It spins: the turn goes round, and any other choice is a pre-emption. */
  spins: 2,
  /** It spins, and has looked at this word before: other choices here would show nothing new. */
  looksAgain: 3,
} as const;

/** One choice: who was chosen, out of whom, and why. Masks have bit `i` for thread `i`. */
export interface Choice {
  readonly chosen: number;
  /** Threads that could take their next step. */
  readonly able: number;
  /** Threads that wait with a timeout, which fires if they are chosen. */
  readonly timed: number;
  readonly reason: number;
}

/** One choice in one word: 4 bits chosen, 8 able, 8 timed, 2 reason. */
export function packChoice(choice: Choice): number {
  return choice.chosen | (choice.able << 4) | (choice.timed << 12) | (choice.reason << 20);
}

/** The opposite of {@link packChoice}. */
export function unpackChoice(word: number): Choice {
  return {
    chosen: word & 15,
    able: (word >> 4) & 255,
    timed: (word >> 12) & 255,
    reason: (word >> 20) & 3,
  };
}

/** A word of the program's memory as one number: which buffer, which 32-bit word of it. */
export function packLocation(buffer: number, word: number): number {
  return (buffer << 24) | word;
}

/** The opposite of {@link packLocation}. */
export function unpackLocation(location: number): {
  readonly buffer: number;
  readonly word: number;
} {
  return { buffer: location >>> 24, word: location & 0xff_ffff };
}

/** The explorer's shared memory. */
export interface Control {
  readonly words: Int32Array;
  readonly seats: Int32Array;
  readonly gates: Int32Array;
  readonly plan: Int32Array;
  readonly trace: Int32Array;
  readonly log: Float64Array;
  readonly text: Uint8Array;
  readonly clock: Float64Array;
  readonly due: Float64Array;
}

/** Fresh shared memory for one explorer. */
export function createControl(): Control {
  return {
    words: new Int32Array(new SharedArrayBuffer(4 * 32)),
    seats: new Int32Array(new SharedArrayBuffer(4 * SEAT_WORDS * MOST_THREADS)),
    gates: new Int32Array(new SharedArrayBuffer(4 * (MOST_THREADS + 1))),
    plan: new Int32Array(new SharedArrayBuffer(4 * 2 * MOST_STEPS)),
    trace: new Int32Array(new SharedArrayBuffer(4 * TRACE_WORDS * MOST_STEPS)),
    log: new Float64Array(new SharedArrayBuffer(8 * 2 * MOST_RECORDS)),
    text: new Uint8Array(new SharedArrayBuffer(8192)),
    clock: new Float64Array(new SharedArrayBuffer(8)),
    due: new Float64Array(new SharedArrayBuffer(8 * SLOTS * MOST_THREADS)),
  };
}

/** A word of an array that is known to be long enough. */
export function at(words: Int32Array | Float64Array, index: number): number {
  const value = words[index];
  if (value === undefined)
    throw new RangeError(`Expected an index below ${words.length}, got ${index}.`);
  return value;
}

/** Gives the turn to a thread. Whoever calls this does not have it any more. */
export function openGate(control: Control, thread: number): void {
  Atomics.store(control.gates, thread, 1);
  Atomics.notify(control.gates, thread);
}

/** Sleeps until the turn comes; false if it did not within `timeoutMs`. */
export function passGate(control: Control, thread: number, timeoutMs: number): boolean {
  const { gates } = control;
  while (Atomics.load(gates, thread) === 0) {
    if (Atomics.wait(gates, thread, 0, timeoutMs) === "timed-out") return false;
  }
  Atomics.store(gates, thread, 0);
  return true;
}
