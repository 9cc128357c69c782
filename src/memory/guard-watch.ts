/**
 * Waiting until what a guard holds is as somebody wants it.
 *
 *   watch ─▶ read: does it hold? ─ no ─▶ sleep until CHANGES differs from what it was inside that read ─▶ read …
 */
import { QuipeError } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { ringMyself, thisThread } from "../sync/thread.ts";
import type { GuardBlock } from "./guard-block.ts";
import { GUARD } from "./guard-layout.ts";
import { unwatchChanges, watchChanges } from "./guard-lock.ts";
import { type ReadRequest, requestRead } from "./guard-request.ts";
import { type InsideFunction, isInsideAny } from "./update.ts";

/** This task hears of every change of the guard from here on, until it calls what this returns. */
export function watchGuard(guarded: GuardBlock): () => void {
  guarded.assertHere();
  const { slot } = thisThread().task;
  if (guarded.watches++ === 0) watchChanges(guarded.words, slot);
  return () => {
    if (--guarded.watches === 0) unwatchChanges(guarded.words, slot);
  };
}

/** Whether there was an update since CHANGES was `seen`. */
export function hasChanged(guarded: GuardBlock, seen: number): boolean {
  return load(guarded.words, GUARD.CHANGES) !== seen;
}

/** Throws `deadlock` inside a guard: nobody else gets in to change anything before its function has returned. */
export function refuseInside({ id }: GuardBlock): void {
  if (!isInsideAny()) return;
  throw new QuipeError(
    "deadlock",
    `Inside a guard one cannot wait until guard ${id} changes: nobody else gets in before this function has returned. Wait before it, or after it.`,
  );
}

/** A condition that is looked at whenever it may have come true. */
export class Condition {
  readonly #guarded: GuardBlock;
  readonly #predicate: InsideFunction;
  readonly #blocks: boolean;
  readonly #unwatch: () => void;
  /** CHANGES inside the last read. */
  #seen: number | undefined;
  /** A read that waits for the lock. */
  #read: ReadRequest | undefined;

  /** `blocks`: the thread will sleep while this waits. Throws `deadlock` inside a guard. */
  constructor(guarded: GuardBlock, predicate: InsideFunction, blocks: boolean) {
    refuseInside(guarded);
    this.#guarded = guarded;
    this.#predicate = predicate;
    this.#blocks = blocks;
    this.#unwatch = watchGuard(guarded);
  }

  /** What the predicate returned, if it holds; throws what it throws. The doorbell rings when it may hold. */
  look(): { readonly value: unknown } | undefined {
    // Somebody blocks the thread in a guard, which it must leave before it enters another; it looks again after that.
    if (isInsideAny()) return undefined;
    if (
      this.#read === undefined &&
      this.#seen !== undefined &&
      !hasChanged(this.#guarded, this.#seen)
    )
      return undefined;
    this.#read ??= requestRead(this.#guarded, (data) => this.#ask(data), this.#blocks);
    if (!this.#read.attempt()) return undefined;
    const { result } = this.#endRead(this.#read);
    return result ? { value: result } : undefined;
  }

  /** Looks no more. */
  leave(): void {
    this.#read?.leave();
    this.#read = undefined;
    this.#unwatch();
  }

  #ask(data: unknown): unknown {
    const seen = load(this.#guarded.words, GUARD.CHANGES);
    const result = this.#predicate(data);
    this.#seen = seen; // not if it needs memory that is on its way: then it is asked again, changed or not
    return result;
  }

  /** Others of this thread that wait for the same lock without sleeping may have it now. */
  #endRead(read: ReadRequest): ReadRequest {
    this.#read = undefined;
    read.leave();
    if (this.#blocks) ringMyself();
    return read;
  }
}
