/**
 * How the checks of an image say no. A fault is caught where the check began and never seen outside.
 */

/** What contradicts the layout. */
export class ImageFault extends Error {}

/** Ends the check: the bytes are no region that `save` wrote. */
export function fault(what: string): never {
  throw new ImageFault(what);
}

/** What `check` finds to contradict the layout; undefined if nothing. */
export function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ImageFault) return error.message;
    throw error;
  }
}
