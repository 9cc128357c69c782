/**
 * Leaves schedules out that can show nothing new.
 *
 * To pre-empt a thread before an operation on a word that no other thread touches is the same as to pre-empt
 * it after that operation; likewise before a read of a word that no other thread changes. Which words
 * are touched by whom is learnt on the way: such a schedule is only set aside, and comes back as soon as
 * some execution shows that the word is shared after all.
 */
import type { Step } from "./schedule.ts";

const READS: ReadonlySet<string> = new Set(["load", "wait", "waitAsync"]);
const WITHOUT_WORD: ReadonlySet<string> = new Set(["start", "resume", "pause"]);

/** Who touches a word: bit `i` for thread `i`. */
interface Use {
  touched: number;
  changed: number;
}

interface SetAside<Item> {
  readonly preempted: Step;
  readonly item: Item;
}

/** See the top of the file. */
export class Reduction<Item> {
  readonly #uses: Map<number, Use> = new Map();
  readonly #aside: Map<number, SetAside<Item>[]> = new Map();

  /** Learns from an execution, and gives back what was set aside wrongly. */
  learn(steps: readonly Step[]): Item[] {
    const news = new Set<number>();
    for (const step of steps) {
      if (this.#isNews(step)) news.add(step.location);
    }
    return [...news].flatMap((location) => this.#takeBack(location));
  }

  /** Whether a schedule that pre-empts this step can wait; if so, it is kept here. */
  setAside(preempted: Step, item: Item): boolean {
    if (WITHOUT_WORD.has(preempted.operation) || this.#isShared(preempted)) return false;
    const aside = this.#aside.get(preempted.location) ?? [];
    this.#aside.set(preempted.location, aside);
    aside.push({ preempted, item });
    return true;
  }

  #isNews({ operation, location, chosen }: Step): boolean {
    if (WITHOUT_WORD.has(operation)) return false;
    const use = this.#uses.get(location) ?? { touched: 0, changed: 0 };
    this.#uses.set(location, use);
    const before = use.touched + use.changed;
    use.touched |= 1 << chosen;
    if (!READS.has(operation)) use.changed |= 1 << chosen;
    return use.touched + use.changed !== before;
  }

  #isShared({ operation, location, chosen }: Step): boolean {
    const use = this.#uses.get(location);
    if (use === undefined) return false;
    const others = READS.has(operation) ? use.changed : use.touched;
    return (others & ~(1 << chosen)) !== 0;
  }

  #takeBack(location: number): Item[] {
    const aside = this.#aside.get(location) ?? [];
    this.#aside.set(
      location,
      aside.filter(({ preempted }) => !this.#isShared(preempted)),
    );
    return aside.filter(({ preempted }) => this.#isShared(preempted)).map(({ item }) => item);
  }
}
