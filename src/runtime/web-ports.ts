/**
 * Ports that threads of browsers are handed. One that has just come is not yet joined to its other end in Firefox, which keeps what
 * is posted into it meanwhile in the thread, and loses it if that ends. Once something has come through it, it is joined.
 *
 *   reaper ── "open" ──▶ thread: has it ── anything, which outlives the thread ──▶ reaper
 */
import type { Channel } from "./links.ts";

const OPEN = "quipe: open";

/** Lets whoever has the other end know that it is joined to this one. */
export function sayOpen(port: Channel): void {
  port.postMessage(OPEN);
}

/** Resolves once that has been heard of. */
export function whenOpen(port: Channel): Promise<void> {
  return new Promise((resolve) => {
    port.addEventListener("message", ({ data }) => {
      if (data === OPEN) resolve();
    });
    port.start?.();
  });
}
