/**
 * A draft over the memory of a region that exists: what its owner adds goes after what is there.
 *
 *   … objects, text │ added objects │ a stretch of text │ more objects │ next stretch … │ free
 *
 * Nothing of it counts until `commit` moves the words of the header, so an edit that is refused leaves
 * the region as it was. Old views read on during an edit: nothing that they know of moves.
 */
import { Draft } from "./draft.ts";
import { type Address, evenWords, FLAG, HEADER } from "./layout.ts";
import type { Region } from "./region.ts";
import { TextWriter } from "./text-writer.ts";

/** Words that a stretch of added text takes at least. */
const TEXT_STRETCH = 512;

/** Strings that an editing thread remembers, to store equal ones once. */
const REMEMBERED = 8_192;

class EditText extends TextWriter {
  draft: EditDraft | undefined = undefined;
  end = 0;

  /** Forgets where strings are: after an edit that was refused, or to save memory. */
  forget(): void {
    this.references.clear();
  }

  protected override place(count: number): number {
    if (this.references.size > REMEMBERED) this.forget();
    const { draft } = this;
    if (draft !== undefined && this.top + count > this.end) this.#takeStretch(draft, count);
    const reference = this.top;
    this.top += count;
    return reference;
  }

  #takeStretch(draft: EditDraft, count: number): void {
    const size = evenWords(Math.max(count, TEXT_STRETCH));
    draft.reserve(size);
    this.top = draft.top - (draft.words[HEADER.TEXT] as number);
    this.end = this.top + size;
    draft.top += size;
  }
}

/** Writes into the free end of one region. Used by its owner alone. */
export class EditDraft extends Draft {
  readonly #region: Region;
  readonly #text: EditText;

  constructor(region: Region) {
    const text = new EditText();
    super(text);
    this.#region = region;
    this.#text = text;
    text.draft = this;
    this.begin();
  }

  /** Starts from what the header says; also after an edit that was refused. */
  begin(): void {
    const { words } = this.#region;
    this.top = words[HEADER.TOP] as number;
    this.ordinals = words[HEADER.ORDINALS] as number;
    this.#text.top = words[HEADER.TEXT_TOP] as number;
    this.#text.end = words[HEADER.TEXT_END] as number;
    this.holder = -1;
    this.#look();
  }

  /** Forgets everything that was added since `begin`. */
  rollBack(): void {
    this.forgetPending(0);
    this.#text.forget();
    this.begin();
  }

  /** Makes everything that was added part of the region. */
  commit(): void {
    const { words } = this.#region;
    const before = words[HEADER.TEXT_TOP] as number;
    words[HEADER.TOP] = this.top;
    words[HEADER.ORDINALS] = this.ordinals;
    words[HEADER.TEXT_TOP] = this.#text.top;
    words[HEADER.TEXT_END] = this.#text.end;
    this.#region.text.forget(before, this.#text.top);
  }

  override reserve(count: number): void {
    const needed = this.top + count;
    if (needed <= this.words.length) return;
    this.#region.grow(needed);
    this.#look();
  }

  protected override noteObject(_address: Address, _words: number): void {
    this.ordinals++;
  }

  override shareAgain(address: Address): Address {
    this.#region.touch(address, 1);
    this.words[address] = (this.words[address] as number) | FLAG.SHARED;
    return address;
  }

  #look(): void {
    const { buffer, words, numbers } = this.#region;
    this.words = words;
    this.numbers = numbers;
    const text = (words[HEADER.TEXT] as number) * 4;
    this.#text.words = new Int32Array(buffer, text, (buffer.byteLength - text) >> 2);
    this.#text.bytes = new Uint8Array(buffer, text, buffer.byteLength - text);
  }
}
