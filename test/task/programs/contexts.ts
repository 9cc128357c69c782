/** Tasks for tests, and the storages whose stores they are given. */
import { AsyncLocalStorage } from "node:async_hooks";
import { carryContext } from "../../../src/task/context.ts";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { spawn } from "../../../src/task/spawn.ts";

/** A storage that both sides name. */
export const request: AsyncLocalStorage<unknown> = new AsyncLocalStorage<unknown>();
/** Another one. */
export const user: AsyncLocalStorage<unknown> = new AsyncLocalStorage<unknown>();
/** One that nobody names. */
export const unnamed: AsyncLocalStorage<unknown> = new AsyncLocalStorage<unknown>();

carryContext("contexts request", request);
carryContext("contexts user", user);

/** What a task finds. */
export interface Found {
  readonly request: unknown;
  readonly user: unknown;
  readonly unnamed: unknown;
}

function look(): Found {
  return { request: request.getStore(), user: user.getStore(), unnamed: unnamed.getStore() };
}

/** Tells what it finds at once, later, and in a task of its own. */
export const find = task(import.meta.url, async function find(): Promise<Found[]> {
  const atOnce = look();
  await new Promise((resolve) => setTimeout(resolve));
  const later = look();
  const [below] = await spawn(findHere).result;
  return [atOnce, later, below as Found];
});

/** Tells what it finds. */
export const findHere = task(import.meta.url, function findHere(): Found[] {
  return [look()];
});

/** Tells with how many arguments it was called, and the last of them. */
export const countArguments = task(
  import.meta.url,
  function countArguments(...args: readonly unknown[]) {
    return { count: args.length, last: args.at(-1), names: { ...current().names } };
  },
);

/** Tells what one finds who listens to its signal. */
export const findAtAbort = task(import.meta.url, async function findAtAbort(): Promise<unknown> {
  const { quipe, signal } = current();
  await quipe.send("listening");
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(look()));
  });
});

/** Sends three items, each when it is told to. */
export const sendSlowly = task(import.meta.url, async function sendSlowly(): Promise<number> {
  const { quipe } = current<number, string>();
  for (let i = 0; i < 3; i++) {
    await quipe.receive();
    await quipe.send(i);
  }
  return 3;
});
