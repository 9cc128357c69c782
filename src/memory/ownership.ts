/**
 * Who may thaw a region, and when.
 *
 *   owned ──freeze──▶ frozen ──thaw──▶ thawing ──the last reader leaves──▶ owned
 *                        ▲                │
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
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { compareExchange, load, store } from "../runtime/atomics.ts";
import { BlockedOn, doorbellWord } from "../sync/board.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, block, park } from "../sync/wait.ts";
import { isPublished, withdrawRegion } from "./holding.ts";
import { HEADER, STATE } from "./layout.ts";
import type { Region } from "./region.ts";
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
}

interface Question {
  readonly bell: number;
  answer: Holders | undefined;
}

/** Thaws a region without waiting. Throws `readers-present`, `not-owner` or `frozen`, and then it is as before. */
export function thawNow(region: Region): void {
  if (!beginThaw(region)) return;
  try {
    if (isPublished(region)) refuseReaders(region, askSync(region));
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

/** False if this task may write already. */
function beginThaw(region: Region): boolean {
  if (region.isOwned) return false;
  const { words, id } = region;
  if (load(words, HEADER.STATE) === STATE.FROZEN_FOR_EVER) {
    throw new QuipeError("frozen", `Region ${id} is frozen for ever; plain(it) makes a copy.`);
  }
  if (load(words, HEADER.OWNER) !== ownerWordOf(thisThread().task)) {
    throw new QuipeError(
      "not-owner",
      `Region ${id} belongs to another task. Only its owner can thaw it; plain(it) makes a copy of your own.`,
    );
  }
  const state = compareExchange(words, HEADER.STATE, STATE.FROZEN, STATE.THAWING);
  if (state === STATE.FROZEN) return true;
  throw new QuipeError(
    "stale",
    `Region ${id} is being thawed already, or is no longer yours to thaw.`,
  );
}

function finishThaw(region: Region): void {
  withdrawRegion(region);
  region.words[HEADER.EPOCH] = ((region.words[HEADER.EPOCH] as number) + 1) | 0;
  store(region.words, HEADER.STATE, STATE.OWNED);
  region.setOwned();
}

function giveUp({ words }: Region): void {
  compareExchange(words, HEADER.STATE, STATE.THAWING, STATE.FROZEN);
}

function refuseReaders({ id }: Region, { tasks, inMessages }: Holders): void {
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
      if (answer.tasks.length === 0 && !answer.inMessages) return true;
      // The answer itself rang once; more than that, and a reader may have left since it was given.
      if (bellNow() === bell + 1) return false;
    }
    asked ??= ask(region);
    return false;
  };
}

function askSync(region: Region): Holders {
  const question = ask(region);
  block(() => question.answer !== undefined, { ...READERS, ignoresCancel: true });
  if (question.answer === undefined)
    throw new QuipeBug("the reaper did not say who holds a region");
  return question.answer;
}

function ask({ id }: Region): Question {
  onMessage("holders", ({ id: about, tasks, inMessages }) => {
    const question = questions.get(about);
    if (question !== undefined) question.answer = { tasks, inMessages };
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
