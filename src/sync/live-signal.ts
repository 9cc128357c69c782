/**
 * An `AbortSignal` that looks for itself whether it is aborted whenever it is asked, so that a loop without a
 * turn of the event loop sees it too.
 *
 *   signal.aborted · reason · throwIfAborted()  ──▶  look: is there a stop?  ──▶  abort, tell the listeners
 *
 * It is a real one, with three properties of its own in front of those of its class; whatever takes signals
 * takes it. Somebody has to call `look` now and then for those who only listen.
 */

/** A signal of this kind. */
export class LiveSignal {
  readonly signal: AbortSignal;
  readonly #controller: AbortController = new AbortController();
  readonly #isDue: () => { readonly reason: unknown } | undefined;
  #isTold = false;

  /** `isDue` says whether it has to be aborted, and why. It is not asked again after that. */
  constructor(isDue: () => { readonly reason: unknown } | undefined) {
    this.#isDue = isDue;
    const { signal } = this.#controller;
    const ask = (name: "aborted" | "reason"): unknown => {
      if (!this.#isTold && this.#isDue() !== undefined && !isAskedWhileListenerIsAdded())
        this.look();
      return Reflect.get(AbortSignal.prototype, name, signal);
    };
    Object.defineProperties(signal, {
      aborted: { get: () => ask("aborted"), configurable: true },
      reason: { get: () => ask("reason"), configurable: true },
      throwIfAborted: {
        value: () => {
          if (signal.aborted) throw signal.reason;
        },
        configurable: true,
        writable: true,
      },
    });
    this.signal = signal;
  }

  /** Aborts the signal if that is due; whether it is aborted. Never waits. */
  look(): boolean {
    if (this.#isTold) return true;
    const due = this.#isDue();
    if (due === undefined) return false;
    this.#isTold = true; // first: whoever hears of it may ask at once
    this.#controller.abort(due.reason);
    return true;
  }
}

/**
 * Whether it is Node that asks, in the middle of adding the first listener to a signal which `AbortSignal.any` made of
 * this one: what it heard now it would tell that signal at once, whose listener is not there yet and would never hear.
 * `look` tells it later. Asked once in the life of a signal as a rule: when it has to be aborted.
 */
function isAskedWhileListenerIsAdded(): boolean {
  return /\baddEventListener\b/.test(new Error("where is this?").stack ?? "");
}
