/**
 * How far a run has come, on standard error: a bar where it is a terminal, else a line now and then.
 *
 * The run only sets `records` and `offset`; a timer shows them. So a fast run pays nothing for it, and
 * a run that waits for one slow record still shows that time goes by.
 */
import { Presets, SingleBar } from "cli-progress";

/** Where the bar or the lines go. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How progress is shown. */
export interface ProgressOptions {
  readonly stream: NodeJS.WritableStream & ProgressStream;
  /** A bar, lines, or nothing. */
  readonly style: "bar" | "lines" | "none";
  /** The size of the input, where it is known. */
  readonly totalBytes: number | undefined;
}

/** A moment of a run. */
export interface ProgressState {
  readonly records: number;
  /** How many bytes of the input are done. */
  readonly offset: number;
  readonly totalBytes: number | undefined;
  readonly elapsedMs: number;
}

const barEveryMs = 100;
const lineEveryMs = 10_000;
const clearLine = "\r\u001B[K";

/** Shows progress from its making until `stop`. */
export class Progress {
  /** How many records are done. */
  records = 0;
  /** How many bytes of the input are done. */
  offset = 0;
  readonly #options: ProgressOptions;
  readonly #startMs = performance.now();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #bar: SingleBar | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    const { stream, style, totalBytes } = options;
    if (style === "none") return;
    if (style === "bar") {
      const format = totalBytes === undefined ? "{text}" : "[{bar}] {text}";
      const looks = { format, stream, hideCursor: true, clearOnComplete: true, barsize: 24 };
      this.#bar = new SingleBar({ ...looks, noTTYOutput: true }, Presets.legacy);
      this.#bar.start(totalBytes ?? 1, 0, { text: "starting" });
    }
    this.#timer = setInterval(() => this.#show(), style === "bar" ? barEveryMs : lineEveryMs);
    this.#timer.unref();
  }

  /** How long the run has taken so far. */
  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Prints a line of its own, above the bar. */
  print(line: string): void {
    this.#options.stream.write(`${this.#bar === undefined ? "" : clearLine}${line}\n`);
  }

  /** Takes the bar away and shows no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#bar?.stop();
  }

  #show(): void {
    const { totalBytes } = this.#options;
    const { records, offset, elapsedMs } = this;
    const text = progressText({ records, offset, totalBytes, elapsedMs });
    if (this.#bar === undefined) this.print(text);
    else this.#bar.update(Math.min(offset, totalBytes ?? 0), { text });
  }
}

/** A moment of a run in words: "43 %, 120,000 records, 51,000/s, 12 s left". */
export function progressText({ records, offset, totalBytes, elapsedMs }: ProgressState): string {
  const parts = [`${count(records)} records`, rate(records, elapsedMs)];
  if (totalBytes !== undefined && totalBytes > 0 && offset > 0) {
    const done = Math.min(offset / totalBytes, 1);
    parts.unshift(`${Math.floor(done * 100)} %`);
    parts.push(`${duration((elapsedMs / done) * (1 - done))} left`);
  }
  return parts.join(", ");
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Records for each second. */
export function rate(records: number, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (records / elapsedMs) * 1000 : 0;
  return `${perSecond >= 10 ? count(perSecond) : perSecond.toFixed(1)}/s`;
}

/** A time in the two units that matter: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
