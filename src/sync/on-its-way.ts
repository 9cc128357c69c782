/** What is thrown for a shared buffer that has to come in by the event loop of this thread first: in browsers only. */
import { QuipeError } from "../errors.ts";

/** Nothing was done; once the event loop has turned, the same can be done. */
export class BufferOnItsWay extends QuipeError {
  /** The number of the buffer. */
  readonly id: number;

  constructor(id: number) {
    super(
      "cannot-block",
      "This needs shared memory that this thread has not met yet, and in a browser that comes in by the event loop only. " +
        "Nothing was taken and nothing is lost: use the async form with await, or await anything once and try again.",
    );
    this.id = id;
  }
}

/** The same, found out before the function of the caller was called: so even that can be called again. */
export class NotBegun extends BufferOnItsWay {}

/** Calls `open`, which comes before the function of the caller. */
export function beforeAll<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw error instanceof BufferOnItsWay ? new NotBegun(error.id) : error;
  }
}

/** Whether something failed only because shared memory is still on its way, so that it can be tried again. */
export function isOnItsWay(error: unknown): error is BufferOnItsWay {
  return error instanceof BufferOnItsWay;
}
