/**
 * Listening to abort signals: however many tasks and waits of this thread one signal stops, it has one listener,
 * since runtimes take many for a leak and warn of it.
 */
import { given } from "../errors.ts";

interface Hearing {
  readonly listeners: Set<() => void>;
  readonly tell: () => void;
}

const hearings = new WeakMap<AbortSignal, Hearing>();

/** Throws `TypeError` for what is no signal. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || typeof (signal as AbortSignal | null)?.aborted === "boolean") return;
  throw new TypeError(`Expected \`signal\` to be an AbortSignal, got ${given(signal)}.`);
}

/** Calls `listener` when the signal is aborted; returns how to take it back. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const hearing = hearings.get(signal) ?? begin(signal);
  hearing.listeners.add(listener);
  return () => {
    hearing.listeners.delete(listener);
    if (hearing.listeners.size > 0) return;
    signal.removeEventListener("abort", hearing.tell);
    if (hearings.get(signal) === hearing) hearings.delete(signal);
  };
}

function begin(signal: AbortSignal): Hearing {
  const listeners = new Set<() => void>();
  const hearing: Hearing = {
    listeners,
    tell: () => {
      for (const listener of listeners) listener();
    },
  };
  hearings.set(signal, hearing);
  signal.addEventListener("abort", hearing.tell);
  return hearing;
}
