/**
 * Runs the compiled `quipe` command in a process of its own, with a folder of its own for its files.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../../src/runtime/host.ts";

/** What a run of the command said. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const command = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const limitMs = 60_000;

/** The compiled module of that name in this folder of tests. */
export function testModule(name: string): string {
  return fileURLToPath(new URL(`./modules/${name}.js`, import.meta.url));
}

/** A compiled example. */
export function exampleModule(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));
}

/** A test of the command itself, which is a Node program; elsewhere it says so and is skipped. */
export function commandTest(
  claim: string,
  ...rest:
    | [run: () => Promise<void>]
    | [options: { skip: string | undefined }, run: () => Promise<void>]
): void {
  const [options, run] = rest.length === 1 ? [{ skip: undefined }, rest[0]] : rest;
  const elsewhere =
    runtimeName() === "node" ? undefined : "the quipe command is a Node program [command]";
  void test(claim, { skip: elsewhere ?? options.skip ?? false }, run);
}

/** The words that start the command. */
export function commandLine(
  words: readonly string[],
  flags: readonly string[] = [],
): [string, ...string[]] {
  return [process.execPath, ...flags, command, ...words];
}

/** Starts the command; it is killed when it takes far too long. */
export function startCommand(
  words: readonly string[],
  flags: readonly string[] = [],
): ChildProcess {
  const [program, ...parameters] = commandLine(words, flags);
  const stdio: ["pipe", "pipe", "pipe"] = ["pipe", "pipe", "pipe"];
  return spawn(program, parameters, { stdio, timeout: limitMs, killSignal: "SIGKILL" });
}

/** Runs the command to its end with `input` on its standard input. */
export async function runCommand(
  words: readonly string[],
  { input = "", flags = [] }: { input?: string | Buffer; flags?: readonly string[] } = {},
): Promise<CommandResult> {
  const child = startCommand(words, flags);
  child.stdin?.on("error", () => undefined); // The command may end before it has read everything.
  child.stdin?.end(input);
  return await endOf(child);
}

/** Everything that a command said, once it has ended. */
export async function endOf(child: ChildProcess): Promise<CommandResult> {
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once("close", resolve)),
  ]);
  return { code, stdout, stderr };
}

/** Everything that comes out of a stream until it is closed, from either side. */
export async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk) => (text += String(chunk)));
  await new Promise((resolve) => stream?.once("close", resolve));
  return text;
}

/** A folder that is removed in the end. */
export class TestFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "quipe-test-"));

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and returns its path. */
  write(name: string, content: string | Buffer): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
