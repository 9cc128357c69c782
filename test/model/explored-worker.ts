/**
 * The code of one explored thread: loads the programs it is told to and runs its part of them, again and
 * again, whenever its gate opens.
 *
 * Clocks and timers are replaced here too, because a program that looks at the real ones would not run
 * the same way twice: time stands still, except that a timeout that fires moves it on.
 *
 * While a program is explored the thread never returns to its event loop, unless its own code is
 * asynchronous; a message is read only after the explorer has ordered it to leave.
 */
import { parentPort, workerData } from "node:worker_threads";
import { at, COMMAND, EXPLORER, openGate } from "./control.ts";
import type { Control } from "./control.ts";
import type { Context, Memory, Program, ThreadBody } from "./program.ts";
import { Timer } from "./pending-waits.ts";
import { currentSeat, Seat } from "./seat.ts";

/** What the explorer tells a new thread. */
export interface WorkerStart {
  readonly control: Control;
  readonly thread: number;
}

/** What the explorer tells a thread about the next program. */
export interface Assignment {
  readonly module: string;
  readonly program: string;
  /** Name of this thread's body; "repair" for the repairing thread. */
  readonly body: string;
  readonly buffers: Memory<string>;
}

const port = parentPort;
const { control, thread }: WorkerStart = workerData;

replaceTime();

// A rejection that nobody handles fails the execution; it would end a real thread.
process.on("unhandledRejection", (error) => currentSeat()?.failLater(error));

port?.on("message", (assignment: Assignment | "close") => {
  if (assignment === "close") return port.close();
  // Whatever goes wrong before the first turn becomes the answer to the explorer.
  serve(assignment).catch((error: unknown) => port.postMessage(String(error)));
});

async function serve(assignment: Assignment): Promise<void> {
  const { [assignment.program]: program }: Record<string, Program | undefined> = await import(
    assignment.module
  );
  const body = program === undefined ? undefined : bodyOf(program, assignment.body);
  const always = program?.always;
  const seat = new Seat({
    control,
    thread,
    buffers: Object.values(assignment.buffers),
    always: always === undefined ? undefined : () => always(assignment.buffers),
  });
  const context: Context = { name: assignment.body, record: (value) => seat.record(value) };
  const isAsynchronous = body?.constructor.name === "AsyncFunction";
  port?.postMessage(body === undefined ? "missing" : "ready");
  for (let command = seat.awaitTurn(); command !== COMMAND.leave; command = seat.awaitTurn()) {
    // Ordered to unwind without having begun.
    if (command === COMMAND.unwind) seat.leave();
    else await runOnce(seat, isAsynchronous, () => body?.(assignment.buffers, context));
  }
  openGate(control, EXPLORER);
}

async function runOnce(
  seat: Seat,
  isAsynchronous: boolean,
  body: () => void | Promise<void>,
): Promise<void> {
  seat.begin(isAsynchronous);
  try {
    const promise = body();
    if (promise !== undefined) await seat.settle(promise);
  } catch (error) {
    return seat.fail(error);
  }
  seat.end();
}

function bodyOf(program: Program, name: string): ThreadBody<string> | undefined {
  return name === "repair" ? program.kill?.repair : program.threads[name];
}

function replaceTime(): void {
  const now = (): number => at(control.clock, 0);
  performance.now = now;
  Date.now = now;
  const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;
  const replacements = {
    setTimeout(callback: () => void, timeoutMs: number = 0): unknown {
      return currentSeat()?.setTimer(callback, timeoutMs) ?? startTimeout(callback, timeoutMs);
    },
    clearTimeout(timer: Timer | NodeJS.Timeout | undefined): void {
      if (timer instanceof Timer) currentSeat()?.clearTimer(timer);
      else stopTimeout(timer);
    },
  };
  Object.assign(globalThis, replacements);
}
