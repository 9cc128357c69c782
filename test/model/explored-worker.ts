/**
 * The code of one explored thread: loads the programs it is told to and runs its part of them, again and
 * again, whenever its gate opens.
 *
 * While a program is explored the thread never returns to its event loop, unless its own code is
 * asynchronous; a message is read only after the explorer has ordered it to leave.
 */
import { parentPort, workerData } from "node:worker_threads";
import { COMMAND, EXPLORER, openGate } from "./control.ts";
import type { Control } from "./control.ts";
import type { Context, Memory, Program, ThreadBody } from "./program.ts";
import { Seat } from "./seat.ts";

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

port?.on("message", (assignment: Assignment | "close") => {
  if (assignment === "close") return port.close();
  void serve(assignment);
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
  port?.postMessage(body === undefined ? "missing" : "ready");
  for (let command = seat.awaitTurn(); command !== COMMAND.leave; command = seat.awaitTurn()) {
    // Ordered to unwind without having begun.
    if (command === COMMAND.unwind) seat.leave();
    else await runOnce(seat, () => body?.(assignment.buffers, context));
  }
  openGate(control, EXPLORER);
}

async function runOnce(seat: Seat, body: () => void | Promise<void>): Promise<void> {
  seat.begin();
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
