/**
 * How many timers of this thread are still to come, for runtimes that do not tell: Bun and browsers. There the global functions
 * that make and clear them are replaced by ones that count, so that a thread on which a task has left a timer is not
 * given to another task. A timer that is counted though it will never fire costs a thread, and nothing else.
 */

type Timer = Parameters<typeof clearTimeout>[0];
type Make = (callback: (...parameters: unknown[]) => void, ...rest: unknown[]) => Timer;
type Clear = (timer: Timer) => void;

const live = new Set<number>();
let isCounting = false;

/** Begins to count the timers of this thread. */
export function countTimers(): void {
  isCounting = true;
  replace("setTimeout", (made: Make) => counted(made, true));
  replace("setInterval", (made: Make) => counted(made, false));
  replace("setImmediate", (made: Make) => counted(made, true));
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"] as const) {
    replace(name, (clear: Clear): Clear => (timer) => {
      live.delete(Number(timer));
      clear(timer);
    });
  }
}

/** Calls `callback` later if the thread is still there then; such a timer keeps nothing open and is not counted. */
export function callSometime(callback: () => void, delayMs: number): void {
  const timer: unknown = setTimeout(callback, delayMs);
  live.delete(Number(timer));
  if (typeof timer === "object" && timer !== null && "unref" in timer) {
    (timer as { unref(): void }).unref();
  }
}

/** How many are live; undefined if they are not counted here. */
export function liveTimers(): number | undefined {
  return isCounting ? live.size : undefined;
}

function counted(make: Make, isOver: boolean): Make {
  return (callback, ...rest) => {
    if (typeof callback !== "function") return make(callback, ...rest);
    const timer = make(
      (...parameters) => {
        if (isOver) live.delete(Number(timer));
        callback(...parameters);
      },
      ...rest,
    );
    live.add(Number(timer));
    return timer;
  };
}

/** What else the function has, such as its form that gives a promise, stays. */
function replace<F extends object>(name: string, replacement: (known: F) => F): void {
  const known = Reflect.get(globalThis, name) as F | undefined;
  if (known === undefined) return;
  const made = replacement(known);
  for (const key of Reflect.ownKeys(known)) {
    const property = Object.getOwnPropertyDescriptor(known, key);
    if (property !== undefined) Reflect.defineProperty(made, key, property);
  }
  Reflect.set(globalThis, name, made);
}
