/**
 * Ctrl-C: the first one lets the run end in good order, the second one ends the process at once.
 */

/** Thrown by a run that was interrupted. */
export class Interrupted extends Error {
  constructor(signalName: string) {
    super(`Interrupted by ${signalName}.`);
    this.name = "Interrupted";
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Listens for SIGINT and SIGTERM until it is disposed of. */
export class Interruption {
  readonly #controller: AbortController = new AbortController();
  readonly #onFirst: () => void;
  #exitCode = 0;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 and the number of the signal that came first. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** From now on signals do again what they do by themselves. */
  dispose(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }

  readonly #onSignal = (signalName: NodeJS.Signals): void => {
    const exitCode = signalName === "SIGTERM" ? exitCodes.SIGTERM : exitCodes.SIGINT;
    if (this.signal.aborted) process.exit(exitCode);
    this.#exitCode = exitCode;
    this.#controller.abort(new Interrupted(signalName));
    this.#onFirst();
  };
}
