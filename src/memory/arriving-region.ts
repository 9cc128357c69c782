/**
 * Checks a region in canonical form while its words are still being read.
 *
 *   │ header, objects ─▶ ready │ not here yet │ tail ─▶ shapes, text │
 *
 * Objects are visited in their order as soon as they are there, but shapes and text must have come before, as
 * objects refer to them. A word that has not arrived is never looked at, since it would change.
 */
import { fault, faultOf } from "./image-fault.ts";
import { isCanonicalHeader } from "./image.ts";
import { type Address, HEADER, HEAP_START } from "./layout.ts";
import { type ObjectsCheck, checkVersion, openObjects } from "./verify.ts";
import { endOfObjects } from "./verify-shapes.ts";

/** The check of a region in canonical form whose words are still arriving. */
export class ArrivingRegion {
  readonly #words: Int32Array;
  #objects: ObjectsCheck | undefined = undefined;
  #fault: string | undefined = undefined;
  #isDone = false;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Checks what it can: the words below `ready` and those from `tail` on have arrived. */
  check({ ready, tail }: { readonly ready: Address; readonly tail: Address }): void {
    if (this.#isDone) return;
    this.#fault = faultOf(() => {
      this.#objects ??= this.#open(ready, tail);
      this.#objects?.visitUpTo(ready);
    });
    this.#isDone = this.#fault !== undefined || ready === this.#words.length;
  }

  /** What contradicts the layout, now that all words have arrived; undefined if nothing does. */
  fault(): string | undefined {
    this.check({ ready: this.#words.length, tail: 0 });
    return this.#fault;
  }

  /** Opens the check if header, shapes and text have arrived. */
  #open(ready: Address, tail: Address): ObjectsCheck | undefined {
    const words = this.#words;
    if (ready < HEAP_START) return undefined;
    if (!isCanonicalHeader(words)) fault("the header of its region has words that it should not");
    if (ready < words.length) {
      checkVersion(words); // before its words are taken for what they mean in this layout
      if ((words[HEADER.SHAPE_TABLE] as Address) < tail) return undefined;
      if (endOfObjects(words) < tail) return undefined;
    }
    return openObjects(words);
  }
}
