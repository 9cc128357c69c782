/** Ending the thread of a task from inside, as a program of each runtime would. */

/** Whether a thread can end at once in the middle of synchronous code, and has an exit code; else why a test is skipped. */
export const cannotExit: string | false =
  "process" in globalThis && "exit" in process
    ? false
    : "a thread of a browser ends when it returns to its event loop, and has no exit code [exit]";

/** Until the thread has really ended, what waits for that is not to be collected, with the ends that it holds. */
const kept: unknown[] = [];

/** Ends this thread: with an exit code where threads have one. Never settles. */
export async function exitThread(code: number): Promise<never> {
  if (cannotExit === false) process.exit(code);
  (globalThis as unknown as { close(): void }).close();
  return await new Promise<never>((...settle) => void kept.push(settle));
}
