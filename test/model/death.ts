/**
 * How a thread is killed: after a planned number of its steps, wherever it stands then, and with
 * some of the plain writes since its last step lost.
 */
import { seatOf } from "./choice.ts";
import { at, OPERATIONS, PHASE, SEAT, WORDS } from "./control.ts";
import { isLost } from "./schedule.ts";
import type { SeatWords } from "./seat-words.ts";

interface Write {
  readonly words: Int32Array;
  readonly index: number;
  readonly before: number;
}

/** See the top of the file. */
export class Death {
  readonly #seat: SeatWords;
  readonly #memory: readonly Int32Array[];
  #backup: readonly Int32Array[] | undefined;

  constructor(seat: SeatWords, memory: readonly Int32Array[]) {
    this.#seat = seat;
    this.#memory = memory;
  }

  /** Whether this thread is to die at its next stop. */
  get isDue(): boolean {
    const seat = this.#seat;
    if (seat.word(WORDS.victim) !== seat.thread || seat.word(WORDS.killedBefore) >= 0) return false;
    return seat.steps === seat.word(WORDS.victimSteps);
  }

  /** To be called after each step: keeps the memory as the last one left it, to know later plain writes. */
  prepare(): void {
    this.#backup = this.isDue ? this.#memory.map((words) => words.slice()) : undefined;
  }

  /** The thread never runs again in this execution; from here on the repairing thread may. */
  strike(): void {
    const seat = this.#seat;
    this.#tear();
    seat.phase = PHASE.killed;
    seat.setWord(WORDS.killedBefore, seat.word(WORDS.steps));
    const repairer = seat.word(WORDS.repairer);
    if (repairer < 0) return;
    seat.control.seats[seatOf(repairer) + SEAT.phase] = PHASE.ready;
    seat.control.seats[seatOf(repairer) + SEAT.operation] = OPERATIONS.indexOf("start");
  }

  /** Nothing orders plain writes, so any part of them may be lost. */
  #tear(): void {
    const writes = this.#listWrites();
    this.#seat.setWord(WORDS.tornWords, writes.length);
    const tear = this.#seat.word(WORDS.tear);
    writes.forEach(({ words, index, before }, number) => {
      if (isLost(tear, number)) words[index] = before;
    });
  }

  #listWrites(): Write[] {
    const writes: Write[] = [];
    this.#memory.forEach((words, buffer) => {
      const backup = this.#backup?.[buffer] ?? words;
      for (let index = 0; index < words.length; index++) {
        const before = at(backup, index);
        if (before !== words[index]) writes.push({ words, index, before });
      }
    });
    return writes;
  }
}
