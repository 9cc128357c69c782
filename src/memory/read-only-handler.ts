/** What the Proxies of frozen lists and dictionaries share: whatever would change them is refused. */
import { QuipeError } from "../errors.ts";

/** The traps that write, each of which throws `frozen`. */
export abstract class ReadOnlyHandler {
  /** What the Proxy stands for, in errors. */
  protected abstract readonly what: string;

  set(): never {
    return this.#refuse();
  }

  defineProperty(): never {
    return this.#refuse();
  }

  deleteProperty(): never {
    return this.#refuse();
  }

  setPrototypeOf(): never {
    return this.#refuse();
  }

  preventExtensions(): boolean {
    return false;
  }

  #refuse(): never {
    const { what } = this;
    throw new QuipeError(
      "frozen",
      `This ${what} is frozen. Its owner can thaw it; plain(${what}) gives a copy to change.`,
    );
  }
}
