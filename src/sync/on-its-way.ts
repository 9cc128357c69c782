/** What is thrown for a shared buffer that has to come in by the event loop of this thread first: in browsers only. */
import { QuipeError } from "../errors.ts";

/** Nothing was done; once the event loop has turned, the same can be done. */
export class BufferOnItsWay extends QuipeError {
  constructor() {
    super(
      "cannot-block",
      "This needs shared memory that this thread has not met yet, and in a browser that comes in by the event loop only. " +
        "Nothing was taken and nothing is lost: use the async form with await, or await anything once and try again.",
    );
  }
}

/** Whether something failed only because shared memory is still on its way, so that it can be tried again. */
export function isOnItsWay(error: unknown): boolean {
  return error instanceof BufferOnItsWay;
}
