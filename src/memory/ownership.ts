/**
 * Who may thaw a region, and when.
 *
 *   owned ──freeze──▶ frozen ──thaw──▶ thawing ──the last reader leaves──▶ owned
 *                        ▲ │              │
 *                        │ └─▶ for ever   │
 *                        └────give up─────┘
 *
 * | word  | written by
 * | STATE | the owner; by the reaper in the place of a dead one
 * | OWNER | the task that made the region; by the reaper, for the heir of a dead one
 *
 * A region that was never published has no readers but its own thread. For any other the reaper says who
 * holds it, in the order that task/directory.ts argues to be exact: once nobody else pins it and no message
 * carries it, nobody can come by it any more, because whoever hands it on must hold it. While a region is
 * thawing it is not handed on, so the readers can only become fewer, and the last one to leave rings.
 *
 * Another region may refer to a frozen one and then shows its content, so that counts as a reader too: of
 * published regions the reaper knows what they carry, and of its own ones this thread does.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { compareExchange, load, store } from "../runtime/atomics.ts";
import { BlockedOn, doorbellWord } from "../sync/board.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, block, park } from "../sync/wait.ts";
import { assertNotBeingEdited } from "./editors.ts";
import { isPublished, withdrawRegion } from "./holding.ts";
import { HEADER, STATE } from "./layout.ts";
import { assertHere } from "./loss.ts";
import { refuseLocked, refuseLockedHere } from "./name-locks.ts";
import type { FrozenState, Region } from "./region.ts";
import { referrerHere } from "./region-table.ts";
import { ownerWordOf } from "./titles.ts";

const READERS: WaitTarget = {
  code: BlockedOn.other,
  text: "the readers of a frozen object to leave",
};

/** Who holds a region besides the asker. */
export interface Holders {
  /** The names of the tasks that read it. */
  readonly tasks: readonly string[];
  /** Whether a message that nobody has received names it, or another shared object does. */
  readonly inMessages: boolean;
  /** The locked names that hold it in place, in words. */
  readonly lockedNames: readonly string[];
}

interface Question {
  readonly bell: number;
  answer: Holders | undefined;
}

/** Thaws a region without waiting. Throws `readers-present`, `not-owner` or `frozen`, and then it is as before. */
export function thawNow(region: Region): void {
  if (!beginThaw(region)) return;
  try {
    if (isPublished(region)) refuseReaders(region, holdersOf(region.id));
  } catch (error) {
    giveUp(region);
    throw error;
  }
  finishThaw(region);
}

/** Thaws a region once its last reader has left. Rejects as {@link thawNow} throws, and when the wait is given up. */
export async function thawLater(region: Region, options: WaitOptions | undefined): Promise<void> {
  if (!beginThaw(region)) return;
  try {
    if (isPublished(region)) await park(readersGone(region), READERS, options);
  } catch (error) {
    giveUp(region);
    throw error;
  }
  finishThaw(region);
}

/**
 * Makes a region frozen for ever, whether this task is editing it or has frozen it before. Readers notice
 * nothing. Throws what {@link checkFreezable} throws.
 */
export function freezeForEver(region: Region): void {
  checkFreezable(region, STATE.FROZEN_FOR_EVER);
  if (region.isOwned) region.setFrozen(STATE.FROZEN_FOR_EVER);
  else compareExchange(region.words, HEADER.STATE, STATE.FROZEN, STATE.FROZEN_FOR_EVER);
}

/**
 * Throws unless the region is in `state` or this task can bring it there now: `not-owner` for that of another
 * task, `stale` while it is being thawed. What was checked stays true until this thread does something else,
 * because only the owner changes the state of a region that it owns.
 */
export function checkFreezable(region: Region, state: FrozenState): void {
  if (region.isOwned) return assertNotBeingEdited(region);
  const present = load(region.words, HEADER.STATE);
  if (present === STATE.FROZEN_FOR_EVER) return;
  assertHere(region);
  if (present === STATE.GUARDED) refuseGuarded(region);
  if (state === STATE.FROZEN && (present === STATE.FROZEN || present === STATE.THAWING)) return;
  if (load(region.words, HEADER.OWNER) !== ownerWordOf(thisThread().task)) {
    throw new QuipeError(
      "not-owner",
      `Region ${region.id} belongs to another task. Only its owner can freeze it; ` +
        "freeze(plain(it), { forever: true }) makes a frozen copy of your own.",
    );
  }
  if (present !== STATE.FROZEN) {
    throw new QuipeError(
      "stale",
      `Region ${region.id} is being thawed, or is no longer yours to freeze.`,
    );
  }
}

/** Throws: what a guard keeps is changed and frozen by no task alone. */
export function refuseGuarded({ id }: Region): never {
  throw new QuipeError(
    "not-owner",
    `Region ${id} belongs to its guard. snapshot() of that gives a frozen copy, plain(it) one to edit.`,
  );
}

/** Why this task cannot put a region behind a guard that it does not own. Throws if it has lost the region. */
export function whyNotGuarded(region: Region): QuipeError {
  assertHere(region);
  const { id, state } = region;
  switch (state) {
    case STATE.GUARDED:
      return new QuipeError(
        "not-owner",
        `Region ${id} is guarded already, as a whole. Use the guard of it; guard(plain(it)) guards a copy.`,
      );
    case STATE.FROZEN_FOR_EVER:
      return new QuipeError(
        "frozen",
        `Region ${id} is frozen for ever. guard(plain(it)) guards a copy.`,
      );
    case STATE.FROZEN:
      return new QuipeError(
        "frozen",
        `Region ${id} is frozen. Its owner can thaw it and guard that; guard(plain(it)) guards a copy.`,
      );
    default:
      return new QuipeError("not-owner", `Region ${id} is not this task's to guard.`);
  }
}

/** False if this task may write already. */
function beginThaw(region: Region): boolean {
  if (region.isOwned) return false;
  const { words } = region;
  if (load(words, HEADER.OWNER) !== ownerWordOf(thisThread().task)) throw refusal(region);
  refuseLockedHere(region.id);
  refuseReferrer(region);
  // What was never published has no readers to wait for, so nobody sees it thawing.
  const next = isPublished(region) ? STATE.THAWING : STATE.OWNED;
  if (compareExchange(words, HEADER.STATE, STATE.FROZEN, next) !== STATE.FROZEN) {
    throw refusal(region);
  }
  return true;
}

/** Why this task cannot begin to thaw a region. */
function refusal(region: Region): QuipeError {
  assertHere(region);
  const { words, id } = region;
  if (load(words, HEADER.STATE) === STATE.GUARDED) refuseGuarded(region);
  if (load(words, HEADER.STATE) === STATE.FROZEN_FOR_EVER) {
    return new QuipeError(
      "frozen",
      `Region ${id} is frozen for ever, as loaded images are. share(it) makes a copy to edit.`,
    );
  }
  if (load(words, HEADER.OWNER) !== ownerWordOf(thisThread().task)) {
    return new QuipeError(
      "not-owner",
      `Region ${id} belongs to another task. Only its owner can thaw it; share(it) makes a copy to edit.`,
    );
  }
  return new QuipeError(
    "stale",
    `Region ${id} is being thawed already, or is no longer yours to thaw.`,
  );
}

function finishThaw(region: Region): void {
  region.words[HEADER.EPOCH] = ((region.words[HEADER.EPOCH] as number) + 1) | 0;
  if (isPublished(region)) {
    withdrawRegion(region);
    store(region.words, HEADER.STATE, STATE.OWNED);
  }
  region.setOwned();
}

function giveUp({ words }: Region): void {
  compareExchange(words, HEADER.STATE, STATE.THAWING, STATE.FROZEN);
}

/** A reference shows what it refers to as frozen, so it counts as a reader. */
function refuseReferrer(region: Region): void {
  const referrer = referrerHere(region);
  if (referrer === undefined || region.state !== STATE.FROZEN) return;
  throw new QuipeError(
    "readers-present",
    `Region ${region.id} is part of region ${referrer.id}, which this task still uses. ` +
      "Thaw it when that is gone, or share(it) for a copy to edit.",
  );
}

/** Throws `name-locked` if locked names hold the region in place, and `readers-present` if anybody else holds it. */
export function refuseReaders({ id }: Region, { tasks, inMessages, lockedNames }: Holders): void {
  refuseLocked(id, lockedNames);
  if (tasks.length === 0 && !inMessages) return;
  const who = tasks.length > 0 ? `read by ${tasks.join(", ")}` : "on its way in a message";
  throw new QuipeError(
    "readers-present",
    `Region ${id} is still ${who}. Wait for that with thaw(), or end the readers.`,
  );
}

const questions = new Map<number, Question>();

/** Asks the reaper, and again whenever something has rung meanwhile, until nobody else holds the region. */
function readersGone(region: Region): () => boolean {
  let asked: Question | undefined;
  return () => {
    if (asked?.answer !== undefined) {
      const { answer, bell } = asked;
      asked = undefined;
      refuseLocked(region.id, answer.lockedNames);
      if (answer.tasks.length === 0 && !answer.inMessages) return true;
      // The answer itself rang once; more than that, and a reader may have left since it was given.
      if (bellNow() === bell + 1) return false;
    }
    asked ??= ask(region.id);
    return false;
  };
}

/** Says who holds region `id` besides this task. Blocks for one exchange with the reaper. */
export function holdersOf(id: number): Holders {
  const question = ask(id);
  block(() => question.answer !== undefined, { ...READERS, ignoresCancel: true });
  if (question.answer === undefined)
    throw new QuipeBug("the reaper did not say who holds a region");
  return question.answer;
}

function ask(id: number): Question {
  onMessage("holders", ({ id: about, tasks, inMessages, lockedNames }) => {
    const question = questions.get(about);
    if (question !== undefined) question.answer = { tasks, inMessages, lockedNames };
    questions.delete(about);
  });
  const question: Question = { bell: bellNow(), answer: undefined };
  questions.set(id, question);
  tellReaper({ kind: "holders", id, slot: thisThread().task.slot });
  return question;
}

function bellNow(): number {
  const { board, task } = thisThread();
  return load(board.words, doorbellWord(task.slot));
}
