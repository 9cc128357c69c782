/**
 * The functions that modules have marked with `task`, on this thread: by the URL of the module and the name of
 * the function. Bundlers drop the exports of worker files, so a function registers itself while its module is
 * evaluated.
 *
 *   url#name      the first of that name        url#name#1      the next one, in the order of evaluation
 *
 * Names alone would not do: functions may have none, and bundlers put many modules under one URL. A module that is
 * evaluated again, as test runners and servers do while one edits it, takes its old places. All that a module
 * registers comes before the next microtask; what comes later is another evaluation, or was called too late.
 */

/** Where a function is registered. */
export interface Place {
  readonly url: string;
  readonly key: string;
}

type AnyFunction = (...args: never[]) => unknown;

interface Evaluation {
  readonly counts: Map<string, number>;
  isOver: boolean;
}

const functions = new Map<string, AnyFunction>();
const places = new WeakMap<AnyFunction, Place>();
const evaluations = new Map<string, Evaluation>();
/** Every place that is taken, by its id. */
const all = new Map<string, Place>();
const listeners = new Set<(key: string) => void>();
const takenTwice = new Set<string>();

/** The places taken in all copies of quipe on this thread. */
const EVERYWHERE = Symbol.for("quipe.tasks");

/** Registers a function of the module at `url` under a name, which may be empty. */
export function register(url: string, fn: AnyFunction, name: string): void {
  const evaluation = evaluationOf(url);
  const count = evaluation.counts.get(name) ?? 0;
  evaluation.counts.set(name, count + 1);
  const key = count === 0 && name !== "" ? name : `${name}#${count}`;
  const place = idOf({ url, key });
  if (functions.has(place)) takenTwice.add(place);
  functions.set(place, fn);
  places.set(fn, { url, key });
  all.set(place, { url, key });
  placesEverywhere().add(place);
  for (const hear of listeners) hear(key);
}

/** What the names of quipe's own tasks begin with; nobody asks for them by name. */
const OWN_NAME = "quipe:";

/** The places of a name, in whichever modules, or all places but those of quipe's own tasks. */
export function placesNamed(name: string | undefined): Place[] {
  return [...all.values()].filter(({ key }) =>
    name === undefined ? !key.startsWith(OWN_NAME) : key === name,
  );
}

/** Waits until something registers under that name, or for so long. */
export async function whenRegistered(name: string, withinMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const hear = (key: string): void => {
      if (key === name) end();
    };
    const end = (): void => {
      clearTimeout(timer);
      listeners.delete(hear);
      resolve();
    };
    const timer = setTimeout(end, withinMs);
    listeners.add(hear);
  });
}

/** Where a function is registered; undefined if it is not. */
export function placeOf(fn: AnyFunction): Place | undefined {
  return places.get(fn);
}

/** The function that is registered at a place of this thread. */
export function registeredAt(place: Place): AnyFunction | undefined {
  return functions.get(idOf(place));
}

/** Whether two evaluations of a module, or two parts of one with a wait in between, have claimed a place. */
export function isAmbiguous(place: Place): boolean {
  return takenTwice.has(idOf(place));
}

/** Whether another copy of quipe on this thread has a function there. */
export function isElsewhere(place: Place): boolean {
  return !functions.has(idOf(place)) && placesEverywhere().has(idOf(place));
}

/** The keys that a module has registered on this thread. */
export function keysOf(url: string): string[] {
  return [...all.values()].filter((place) => place.url === url).map(({ key }) => key);
}

function evaluationOf(url: string): Evaluation {
  const known = evaluations.get(url);
  if (known?.isOver === false) return known;
  const evaluation: Evaluation = { counts: new Map(), isOver: false };
  evaluations.set(url, evaluation);
  queueMicrotask(() => (evaluation.isOver = true));
  return evaluation;
}

function placesEverywhere(): Set<string> {
  const shared = globalThis as { [EVERYWHERE]?: Set<string> };
  return (shared[EVERYWHERE] ??= new Set());
}

function idOf({ url, key }: Place): string {
  return `${url}#${key}`;
}
