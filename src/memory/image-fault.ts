/**
 * How the checks of an image say no. A fault is caught where the check began and never seen outside.
 */

/** What contradicts the layout. */
export class ImageFault extends Error {}

/** Ends the check: the bytes are no region that `save` wrote. */
export function fault(what: string): never {
  throw new ImageFault(what);
}
