/** What a worker of a browser says while the reaper ends it: heard, or never said; nothing that it has acted upon is lost. */
import assert from "node:assert/strict";
import { add, load, notify, store, wait } from "../../../src/runtime/atomics.ts";
import { type Channel, ThreadLink } from "../../../src/runtime/links.ts";
import { MailReader, MailWriter } from "../../../src/runtime/mail.ts";
import type { Memory, Program } from "../program.ts";

const DYING = 0;
/** How many messages were posted, and how many were heard before the thread was terminated. */
const POSTED = 1;
const HEARD = 2;
/** How many times the worker has acted upon having said something. */
const ACTED = 3;
const BELL = 4;

const MESSAGES = 2;

type Names = "words" | "mail";
const buffers = { words: 32, mail: 16 + 65_536 };

function wordsOf({ words }: Memory<Names>): Int32Array {
  return new Int32Array(words);
}

function ringBell(words: Int32Array): void {
  add(words, BELL, 1);
  notify(words, BELL);
}

/** A channel into which what is posted is there for the reaper. */
function channelInto(words: Int32Array): Channel {
  return {
    postMessage: () => {
      add(words, POSTED, 1);
      ringBell(words);
    },
    addEventListener: () => {},
  };
}

function speak(memory: Memory<Names>): void {
  const words = wordsOf(memory);
  const link = new ThreadLink(channelInto(words), memory.mail);
  link.checkBefore(() => {
    if (load(words, DYING) === 1) throw new Error("dying");
  });
  try {
    for (let i = 0; i < MESSAGES; i++) {
      link.postMessage({});
      add(words, ACTED, 1);
    }
  } catch {
    ringBell(words); // stands for the time after which the reaper looks again
  }
}

/** Looks first and counts then: it may be ended in between, and does not know. */
function speakUncounted(memory: Memory<Names>): void {
  const words = wordsOf(memory);
  const mail = new MailReader(memory.mail, () => {});
  const channel = channelInto(words);
  for (let i = 0; i < MESSAGES && load(words, DYING) === 0; i++) {
    mail.countSaid(1);
    channel.postMessage({});
    add(words, ACTED, 1);
  }
}

/** The reaper: says that it ends the thread, hears it out, and terminates it. */
function end(memory: Memory<Names>): void {
  const words = wordsOf(memory);
  const mail = new MailWriter(memory.mail);
  store(words, DYING, 1);
  for (;;) {
    const bell = load(words, BELL);
    const { said } = mail;
    const heard = load(words, POSTED);
    if (heard >= said) return store(words, HEARD, heard);
    wait(words, BELL, bell);
  }
}

function nothingIsLost(memory: Memory<Names>): void {
  const words = wordsOf(memory);
  assert.ok(load(words, ACTED) <= load(words, HEARD), "it has acted upon what nobody has heard");
}

export const saying: Program<Names> = {
  claim: "what a thread has acted upon was heard before the thread was terminated",
  buffers,
  threads: { worker: speak, reaper: end },
  after: nothingIsLost,
  preemptions: 3,
};

export const sayingUncounted: Program<Names> = {
  claim: "a thread that looks before it counts acts upon what nobody has heard",
  buffers,
  threads: { worker: speakUncounted, reaper: end },
  after: nothingIsLost,
  fails: { message: /acted upon what nobody has heard/, preemptions: 1 },
};
