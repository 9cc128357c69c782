/**
 * What a task reports of how far it is: how reports go out, and what one is for those who watch (events.ts).
 *
 *   progress(value) ── now and then ──▶ a parcel in the directory, its number in the task's words ──▶ watchers
 *                   └─ too soon after others ──▶ kept here, until the next turn for it, or the end
 *
 * Only the last report counts, so a task may report as often as it likes: each report is encoded, and at most about
 * a hundred in a second are published. Before the task ends, the last one is.
 */
import { type Packed, toLastingParcel } from "../quipe/parcels.ts";
import { publishParcel } from "../quipe/unsent.ts";
import { reportUnused } from "../sync/buffers.ts";
import { thisThread } from "../sync/thread.ts";
import { type Life, showReport } from "./life.ts";

/** The average time between two reports that are published. */
const INTERVAL_MS = 10;
/** So many reports in a row may come sooner. */
const BURST = 10;

/** One report, as it was made. */
export interface Report {
  readonly value: unknown;
  readonly atMs: number;
}

/** The report in a parcel that {@link Reports} has published. */
export function reportIn(content: unknown): Report {
  const [atMs, value] = content as [number, unknown];
  return { atMs, value };
}

/** The reports of one task. */
export class Reports {
  readonly #life: Life;
  #kept: Packed | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the reports up to now would be over if they came evenly. */
  #paidUntil = 0;

  constructor(life: Life) {
    this.#life = life;
  }

  /** Takes a report. Throws `not-sendable`. */
  add(value: unknown): void {
    this.#kept = toLastingParcel([Date.now(), value]);
    const now = performance.now();
    const waitMs = this.#paidUntil - BURST * INTERVAL_MS - now;
    if (waitMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), waitMs);
  }

  /** Publishes what is kept. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#kept === undefined) return;
    const { parcel } = this.#kept;
    this.#kept = undefined;
    this.#paidUntil = Math.max(this.#paidUntil, performance.now()) + INTERVAL_MS;
    const before = showReport(this.#life, publishParcel(parcel), thisThread().board);
    if (before !== 0) reportUnused(before);
  }
}
