/** Ending the thread of a task from inside, as a program of each runtime would. */

/** Ends this thread: with an exit code where threads have one. */
export function exitThread(code: number): never {
  if ("process" in globalThis && "exit" in process) process.exit(code);
  (globalThis as unknown as { close(): void }).close();
  throw new Error("a thread of a browser ends when it returns to its event loop");
}
