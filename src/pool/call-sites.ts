/**
 * Where calls were made, for the traces of what they throw. To note a stack costs more than all the rest of a
 * short call, so of a long row of calls of one function, made without a pause in between, the first few are noted,
 * and then one now and again; the others share the last of these, and their traces say so.
 */
import { type CallSite, callSite, framesAt } from "../task/call-site.ts";

/** Where a call was made, or where one shortly before it was. */
export interface NotedSite {
  readonly site: CallSite;
  readonly isShared: boolean;
}

/** So many calls of one function are noted in a row. */
const notedInARow = 16;
/** And after these, one of so many. */
const sharing = 64;
/** What ends a row, though not in the middle of a turn of the program. */
const pauseMs = 1;

/** Notes the places of the calls of one pool. */
export class CallSites {
  readonly #caller: (...args: never[]) => unknown;
  #fn: object | undefined;
  #count = 0;
  #shared: NotedSite | undefined;
  #lastMs = 0;
  #isSameTurn = false;
  readonly #endTurn = (): void => {
    this.#isSameTurn = false;
  };

  /** Traces begin with whoever called `caller`. */
  constructor(caller: (...args: never[]) => unknown) {
    this.#caller = caller;
  }

  /** Where this call of `fn` is made. */
  of(fn: object): NotedSite {
    this.#note(fn);
    const isNoted = this.#count <= notedInARow || this.#count % sharing === 0;
    if (!isNoted && this.#shared !== undefined) return this.#shared;
    const site = callSite(this.#caller);
    this.#shared = { site, isShared: true };
    return { site, isShared: false };
  }

  #note(fn: object): void {
    const nowMs = performance.now();
    if (!this.#isSameTurn && nowMs - this.#lastMs > pauseMs) this.#fn = undefined;
    this.#lastMs = nowMs;
    if (!this.#isSameTurn) queueMicrotask(this.#endTurn);
    this.#isSameTurn = true;
    this.#count = this.#fn === fn ? this.#count + 1 : 1;
    this.#fn = fn;
  }
}

/** The lines of a trace that tell where a call was made. */
export function framesOfCall({ site, isShared }: NotedSite): string {
  const frames = framesAt(site);
  if (!isShared || frames === "") return frames;
  return `    at one of a long row of calls; an earlier one was made here (row:calls)\n${frames}`;
}
