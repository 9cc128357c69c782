/**
 * A child process that cannot outlive its time: it gets a process group of its own, and when the
 * limit passes the whole group is killed, with whatever commands and workers the child started.
 *
 *   started ──exit──────────────▶ { code, signal, output }
 *      └──────limit passed──kill──▶ { code: null, timedOut: true, output so far }
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** How a process went. */
export interface ProcessResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** Standard output alone. */
  readonly stdout: string;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
}

/** What to run, and for how long at most. */
export interface ProcessOptions {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly cwd: string;
  readonly limitMs: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
const outputLimit = 2_000_000;
const strayPipeMs = 5_000;

/** Runs a process to its end or to its limit. Never rejects: a command that is not there has code 127. */
export function runLimited(options: ProcessOptions): Promise<ProcessResult> {
  const started = performance.now();
  const child = spawn(options.command, options.parameters, {
    cwd: options.cwd,
    env: plainEnvironment(options.environment),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  let stdout = "";
  let output = "";
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, options.limitMs);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (stdout.length < outputLimit) stdout += text;
    if (output.length < outputLimit) output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (output.length < outputLimit) output += text;
  });
  return new Promise((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(timer);
      running.delete(child);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, signal, timedOut, durationMs: performance.now() - started, stdout, output });
    };
    child.once("error", (error) => {
      output += `${error.message}\n`;
      finish(127, null);
    });
    // A grandchild that outlives its parent holds the pipes open: it goes with the group. One that
    // has left the group is not waited for.
    child.once("exit", (code, signal) => {
      killGroup(child);
      setTimeout(finish, strayPipeMs, code, signal).unref();
    });
    child.once("close", finish);
  });
}

/**
 * Nobody colours what is read by a program; Deno takes even FORCE_COLOR=0 for a wish. And a test file
 * that is started by a test reports for itself, not to the runner of its parent.
 */
function plainEnvironment(added: ProcessOptions["environment"]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", ...added };
  delete environment["FORCE_COLOR"];
  delete environment["NODE_TEST_CONTEXT"];
  return environment;
}

/** Has a process that was started elsewhere, in a group of its own, killed with the others. */
export function killWithAll(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Kills everything that is still running; for the moment when the runner itself is interrupted. */
export function killAllRunning(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
