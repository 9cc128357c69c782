/**
 * What a workload is, and what a competitor in it has to export.
 *
 *   bench/workloads/one-way-objects/
 *     workload.ts       `workload`: a title, and the rows of the table it gives
 *     quipe.ts          `measure`: does the work its way, once per child process
 *     post-message.ts   `measure`: the same work, the other way
 *
 * Every figure is a cost: less is better, and the best of many is the least. A checksum says that the work was
 * really done: all competitors of a workload must come to the same one.
 */

/** How much work to do: `quick` is for seeing that everything runs, its figures are worth little. */
export interface Scale {
  readonly quick: boolean;
}

/** What one run of a competitor came to. */
export interface Sample {
  readonly figures: Readonly<Record<string, number>>;
  readonly checksum: number | string;
  /** Says what went wrong, if the competitor has seen a wrong answer itself. */
  readonly wrong?: string;
}

/** What a competitor's file exports as `measure`. It runs in a process of its own. */
export type Measure = (scale: Scale) => Promise<Sample>;

/** Names one figure of one competitor: `"post-message.send"`. */
export type FigureName = `${string}.${string}`;

/** The unit that a row's two figures are in; `MB` is a million bytes. */
export type Unit = "ns" | "ms" | "MB" | "KB";

/** One line of the table: one figure against another. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly of: FigureName;
  readonly against: FigureName;
  /** `cost`: how much of the other one's cost this takes. `speed`: how many times as fast this is. */
  readonly ratio: "cost" | "speed";
  /** What the specification demands: at most this ratio of costs, at least this ratio of speeds. */
  readonly reach?: number;
  /** What the figure itself may be at most, whatever the other one needs. */
  readonly atMost?: number;
}

/** A kind of work, and the comparisons made in it. */
export interface Workload {
  readonly title: string;
  readonly rows: readonly Row[];
  /** How often each competitor runs; 3 unless said otherwise. */
  readonly rounds?: number;
}
