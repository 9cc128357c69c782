/**
 * The identity cache: one JavaScript object for each object of a region and thread, for as long as
 * anybody holds it, without a WeakRef for each.
 *
 *   ViewSet ─ pages ─▶ Page ─ slots ─▶ 64 views          strong while hot
 *           └ weak ──▶ WeakRef of a Page                  after the job
 *   view    ─ #page ─▶ its Page                           so whoever holds one view holds its page
 *
 * Ordinals number the objects of a region in the order of placing; 64 neighbours share a page. A new
 * page is held strongly until the running job is over, then by one WeakRef. While any view of a page
 * lives, the page lives, and so do the 63 others.
 *
 * Views carry their page and address in private fields that no reflection sees; they are put there
 * before the view is frozen.
 */
import { QuipeError } from "../errors.ts";
import { type Address, IDENTITY, OBJECT } from "./layout.ts";
import type { Region } from "./region.ts";

/** Builds the view of the object at `address`, which belongs on `page`. */
export type MakeView = (region: Region, address: Address, page: Page) => unknown;

/** 64 neighbouring views. */
export class Page {
  readonly set: ViewSet;
  readonly index: number;
  readonly slots: unknown[] = new Array<unknown>(IDENTITY.COUNT).fill(undefined);
  weak: WeakRef<Page> | undefined = undefined;

  constructor(set: ViewSet, index: number) {
    this.set = set;
    this.index = index;
  }

  /** The view of the object at `address`, which may lie on another page of the same set. */
  view(address: Address): unknown {
    const ordinal = this.set.region.words[address + OBJECT.ORDINAL] as number;
    const index = ordinal >> IDENTITY.SHIFT;
    const page = index === this.index ? this : this.set.page(index);
    return (page.slots[ordinal & IDENTITY.MASK] ??= this.set.make(this.set.region, address, page));
  }
}

/** All views of one region in one state: frozen, or being edited. */
export class ViewSet {
  readonly region: Region;
  readonly make: MakeView;
  /** False once the region was thawed, moved or released: then views must not read any more. */
  live = true;
  readonly #strong: (Page | undefined)[] = [];
  readonly #weak: (WeakRef<Page> | undefined)[] = [];
  #hot: Page[] = [];

  constructor(region: Region, make: MakeView) {
    this.region = region;
    this.make = make;
  }

  /** The view of the object at `address`. */
  view(address: Address): unknown {
    const ordinal = this.region.words[address + OBJECT.ORDINAL] as number;
    const page = this.page(ordinal >> IDENTITY.SHIFT);
    return (page.slots[ordinal & IDENTITY.MASK] ??= this.make(this.region, address, page));
  }

  /** The page with number `index`. */
  page(index: number): Page {
    return this.#strong[index] ?? this.#heat(index);
  }

  #heat(index: number): Page {
    while (this.#strong.length <= index) this.#strong.push(undefined);
    const page = this.#weak[index]?.deref() ?? new Page(this, index);
    this.#strong[index] = page;
    if (this.#hot.length === 0) noteHot(this);
    this.#hot.push(page);
    return page;
  }

  /** Lets go of all pages that nobody else holds. */
  cool(): void {
    const hot = this.#hot;
    this.#hot = [];
    for (const page of hot) {
      page.weak ??= new WeakRef(page);
      while (this.#weak.length <= page.index) this.#weak.push(undefined);
      this.#weak[page.index] = page.weak;
      this.#strong[page.index] = undefined;
    }
  }

  /** Throws `stale`: what the view would read is no longer what it was made for. */
  stale(): never {
    throw new QuipeError(
      "stale",
      `This view of region ${this.region.id} was made before the region was thawed, moved or released. ` +
        "Use the root that thaw or move returned.",
    );
  }
}

/** How long a page stays hot when the thread is idle. */
const HOT_MS = 20;

let hotSets: ViewSet[] = [];

function noteHot(set: ViewSet): void {
  if (hotSets.push(set) > 1) return;
  const timer: unknown = setTimeout(coolAll, HOT_MS);
  // A cache is no reason to keep a program running.
  if (typeof timer === "object" && timer !== null && "unref" in timer) {
    (timer as { unref(): void }).unref();
  }
}

function coolAll(): void {
  const sets = hotSets;
  hotSets = [];
  for (const set of sets) set.cool();
}

/** A base class whose fields land on the object given to it, whatever that is. */
export class Returned {
  constructor(view: object) {
    // Fields of a subclass land on this object.
    return view;
  }
}

/** The private fields that make any object, also a Proxy, a view. */
export class Stamp extends Returned {
  readonly #page: Page;
  #address: Address;

  constructor(view: object, page: Page, address: Address) {
    super(view);
    this.#page = page;
    this.#address = address;
  }

  /** The page of `value` if it is a view. */
  static pageOf(value: object): Page | undefined {
    return #page in value ? value.#page : undefined;
  }

  /** Puts a view that nobody may keep on another address. */
  static move(view: object, address: Address): void {
    (view as Stamp).#address = address;
  }

  /** The address of a view. */
  static addressOf(view: object): Address {
    return (view as Stamp).#address;
  }
}
