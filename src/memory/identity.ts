/**
 * The identity cache: one JavaScript object for each object of a region and thread, for as long as
 * anybody holds it, without a WeakRef for each.
 *
 *   ViewSet ─ pages ─▶ Page ─▶ 64 views                   strong while hot
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
import { mirrorOf } from "../runtime/stamped-proxies.ts";
import { callSometime } from "../runtime/timers.ts";
import { type Address, FIELD, type FieldType, IDENTITY, OBJECT } from "./layout.ts";
import { lossOf } from "./loss.ts";
import type { Region } from "./region.ts";
import { LOG_PAGE_SHIFT, type UndoLog } from "./undo-log.ts";

/** Builds the view of the object at `address`, which belongs on `page`. */
export type MakeView = (region: Region, address: Address, page: Page) => unknown;

/** 64 neighbouring views: itself the array of them, since each hop on the way to a view costs as much as the rest. */
export class Page extends Array<unknown> {
  readonly set: ViewSet;
  /** Its number in the set; -1 once the objects of the region have moved, and other pages took its place. */
  index: number;
  weak: WeakRef<Page> | undefined = undefined;

  constructor(set: ViewSet, index: number) {
    super(IDENTITY.COUNT);
    this.fill(undefined);
    this.set = set;
    this.index = index;
  }

  /** The view of the object at `address`, which may lie on another page of the same set. */
  view(address: Address): unknown {
    const ordinal = this.set.region.words[address + OBJECT.ORDINAL] as number;
    const index = ordinal >> IDENTITY.SHIFT;
    const page = index === this.index ? this : this.set.page(index);
    return (page[ordinal & IDENTITY.MASK] ??= this.set.make(this.set.region, address, page));
  }
}

/** All views of one region in one state: frozen, or being edited. */
export class ViewSet {
  readonly region: Region;
  readonly make: MakeView;
  /** False once the region was thawed, moved or released: then views must not read any more. */
  live = true;
  /** Whether structs of this set may be written: a copy of `region.isOwned`, one load nearer. */
  writable = false;
  /** While the region is being updated under its guard: what notes each word before it is overwritten. */
  log: UndoLog | undefined = undefined;
  /** The words of the region, one load nearer; the region says when they are new ones. */
  words: Int32Array;
  numbers: Float64Array;
  /** How often the objects of the region had moved when the addresses of its views were right last. */
  moves: number;
  #strong: (Page | undefined)[] = [];
  #weak: (WeakRef<Page> | undefined)[] = [];
  /** Views that are on no page, because they are reused: the cursors of scans. */
  readonly #loose = new Set<WeakRef<object>>();
  #hot: Page[] = [];

  constructor(region: Region, make: MakeView) {
    this.region = region;
    this.make = make;
    this.words = region.words;
    this.numbers = region.numbers;
    this.moves = region.moves;
  }

  /** The view of the object at `address`. */
  view(address: Address): unknown {
    const ordinal = this.region.words[address + OBJECT.ORDINAL] as number;
    const page = this.page(ordinal >> IDENTITY.SHIFT);
    return (page[ordinal & IDENTITY.MASK] ??= this.make(this.region, address, page));
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

  /** Notes a view that is on no page and must follow its object all the same. */
  addLoose(view: object): void {
    this.#loose.add(new WeakRef(view));
  }

  /** The views that somebody may hold. */
  held(): object[] {
    const held: object[] = [];
    for (const page of this.#pages()) {
      for (const view of page) {
        // Bigints are no views, and objects of other regions do not move.
        if (typeof view === "object" && view !== null && Stamp.pageOf(view)?.set === this)
          held.push(view);
      }
    }
    for (const weak of this.#loose) {
      const view = weak.deref();
      if (view === undefined) this.#loose.delete(weak);
      else held.push(view);
    }
    return held;
  }

  *#pages(): Generator<Page> {
    const count = Math.max(this.#strong.length, this.#weak.length);
    for (let index = 0; index < count; index++) {
      const page = this.#strong[index] ?? this.#weak[index]?.deref();
      if (page !== undefined) yield page;
    }
  }

  /** Puts the views of {@link held} at these addresses, where their objects are now, on new pages. */
  follow(held: readonly object[], addresses: readonly Address[]): void {
    const onPages = new Set<object>();
    for (const page of this.#pages()) {
      page.index = -1;
      for (const view of page) if (typeof view === "object" && view !== null) onPages.add(view);
      page.fill(undefined);
    }
    this.#strong = [];
    this.#weak = [];
    this.#hot = [];
    this.moves = this.region.moves;
    held.forEach((view, index) => {
      const address = addresses[index] as Address;
      const ordinal = this.words[address + OBJECT.ORDINAL] as number;
      const page = this.page(ordinal >> IDENTITY.SHIFT);
      if (onPages.has(view)) page[ordinal & IDENTITY.MASK] = view;
      Stamp.follow(view, page, address);
      FollowerStamp.of(view)?.follow(page, address);
    });
  }

  /** Throws the error that says what has become of the region: `moved`, `released` or `stale`. */
  stale(): never {
    throw lossOf(this.region);
  }
}

/** How long a page stays hot when the thread is idle. */
const HOT_MS = 20;

let hotSets: ViewSet[] = [];

function noteHot(set: ViewSet): void {
  if (hotSets.push(set) > 1) return;
  callSometime(coolAll, HOT_MS); // a cache is no reason to keep a program running, or a thread from being used again
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
  /** Whether this thread has any views: a task that only sends and receives need not look for them. */
  static #isUsed = false;
  #page: Page;
  #address: Address;

  constructor(view: object, page: Page, address: Address) {
    super(view);
    this.#page = page;
    this.#address = address;
    const mirror = mirrorOf(view);
    if (mirror !== undefined) Object.assign(mirror, { page, address });
    Stamp.#isUsed = true;
  }

  /** The page of `value` if it is a view. */
  static pageOf(value: object): Page | undefined {
    if (!Stamp.#isUsed) return undefined;
    const mirror = mirrorOf(value);
    if (mirror !== undefined) return mirror["page"] as Page | undefined;
    return #page in value ? value.#page : undefined;
  }

  /**
   * The accessors of a struct's field at `offset`. They touch the private fields themselves: a function
   * shared with other kinds of views would see all their shapes, and be slow for each. Comparing with
   * `true` is 1 ns cheaper on V8 than asking for truth.
   */
  static accessors(offset: number, field: FieldAccess): Accessors {
    const { write, otherwise } = field;
    return {
      get: Stamp.#getter(offset, field),
      set(value: unknown): void {
        const { set } = (this as Stamp).#page;
        // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
        if (set.writable !== true && set.log === undefined) otherwise.write(this, value, set);
        else write(set.region, (this as Stamp).#address + offset, value);
      },
    };
  }

  /** Each type has a function of its own, because one that calls another for the type is not always inlined. */
  static #getter(offset: number, { type, read, otherwise }: FieldAccess): Accessors["get"] {
    switch (type) {
      case FIELD.INTEGER:
        return function (this: object): unknown {
          const { set } = (this as Stamp).#page;
          // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
          if (set.live !== true) return otherwise.read(this, set);
          return set.words[(this as Stamp).#address + offset];
        };
      case FIELD.STRING:
        return function (this: object): unknown {
          const { set } = (this as Stamp).#page;
          // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
          if (set.live !== true) return otherwise.read(this, set);
          return set.region.text.read(set.words[(this as Stamp).#address + offset] as number);
        };
      default:
        return function (this: object): unknown {
          const { set } = (this as Stamp).#page;
          // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
          if (set.live !== true) return otherwise.read(this, set);
          return read(set, (this as Stamp).#address + offset, (this as Stamp).#page);
        };
    }
  }

  /** The same for numbers, the field that hot loops are about: nothing is called. */
  static numberAccessors(offset: number, { otherwise, refuse }: FieldAccess): Accessors {
    return {
      get(): unknown {
        const { set } = (this as Stamp).#page;
        // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
        if (set.live !== true) return otherwise.read(this, set);
        return set.numbers[((this as Stamp).#address + offset) >> 1];
      },
      set(value: unknown): void {
        const { set } = (this as Stamp).#page;
        if (typeof value !== "number") refuse(value);
        // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- see above
        else if (set.writable === true)
          set.numbers[((this as Stamp).#address + offset) >> 1] = value;
        else if (set.log === undefined) otherwise.write(this, value, set);
        else {
          const place = (this as Stamp).#address + offset;
          const { log } = set;
          if (log.stamps[place >> LOG_PAGE_SHIFT] !== log.stamp) log.touch(place, 2);
          set.numbers[place >> 1] = value;
        }
      },
    };
  }

  /** Puts a view that nobody may keep on another address. */
  static move(view: object, address: Address): void {
    (view as Stamp).#address = address;
    const mirror = mirrorOf(view);
    if (mirror !== undefined) mirror["address"] = address;
  }

  /** Puts a view where its object is now. */
  static follow(view: object, page: Page, address: Address): void {
    (view as Stamp).#page = page;
    (view as Stamp).#address = address;
    const mirror = mirrorOf(view);
    if (mirror !== undefined) Object.assign(mirror, { page, address });
  }

  /** The address of a view. */
  static addressOf(view: object): Address {
    const mirror = mirrorOf(view);
    return mirror === undefined ? (view as Stamp).#address : (mirror["address"] as Address);
  }
}

/** What stands behind a view and knows its address too. */
export interface Follower {
  /** To be called while the object is where it was, before it moves. */
  prepare?(): void;
  /** The object is at another address now. */
  follow(page: Page, address: Address): void;
}

/** Ties a view to what stands behind it. */
export class FollowerStamp extends Returned {
  readonly #follower: Follower;

  constructor(view: object, follower: Follower) {
    super(view);
    this.#follower = follower;
    const mirror = mirrorOf(view);
    if (mirror !== undefined) mirror["follower"] = follower;
  }

  static of(view: object): Follower | undefined {
    const mirror = mirrorOf(view);
    if (mirror !== undefined) return mirror["follower"] as Follower | undefined;
    return #follower in view ? view.#follower : undefined;
  }
}

/** A getter and a setter. */
export interface Accessors {
  readonly get: (this: object) => unknown;
  readonly set: (this: object, value: never) => void;
}

/** How a field is read and written in a live region, and what happens in any other case. */
export interface FieldAccess {
  readonly type: FieldType;
  readonly read: (set: ViewSet, place: Address, page: Page) => unknown;
  /** Also checks the type. */
  readonly write: (region: Region, place: Address, value: unknown) => void;
  /** Throws: the value has the wrong type. */
  readonly refuse: (value: unknown) => void;
  /** For instances that are in no shared data yet, for stale ones, and for writes to frozen ones. */
  readonly otherwise: {
    read(instance: object, set: ViewSet): unknown;
    write(instance: object, value: unknown, set: ViewSet): void;
  };
}
