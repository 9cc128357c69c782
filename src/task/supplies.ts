/**
 * Shared buffers on their way to threads that cannot fetch one while they block: those of browsers. With a message goes
 * what it names, and what that names in turn, so that a task seldom meets a buffer that it has to ask for.
 *
 *   a message names 7 ──▶ 7 and all that 7 carries, as far as the thread has not got them, then the message
 *   7 is published again, carrying 9 ──▶ both, to whoever has 7            7 is dropped ──▶ its number, to whoever has 7
 */
import { type Link, ReaperLink } from "../runtime/links.ts";
import type { Publication, ToThread } from "../sync/messages.ts";
import type { Directory } from "./directory.ts";

type Supply = Extract<ToThread, { kind: "supply" }>;

/** What threads in browsers have been given. Only the reaper has one. */
export class Supplies {
  readonly #directory: Directory;
  readonly #root: Link;
  readonly #links = new Set<ReaperLink>();
  readonly #dropped = new Set<number>();

  constructor(directory: Directory, root: Link) {
    this.#directory = directory;
    this.#root = root;
    directory.onChange = (id, isThere) => (isThere ? this.#changed(id) : this.#drop(id));
  }

  /** A thread, or the root, publishes a buffer, which it has itself then. */
  noteHas(link: Link | undefined, { id, holding }: Publication): void {
    const publisher = link ?? this.#root;
    if (!(publisher instanceof ReaperLink) || holding === "publisher") return;
    this.#links.add(publisher);
    publisher.supplied.add(id);
  }

  /** Sends a thread what these numbers name, unless it has that or can fetch it by itself. */
  send(link: Link, ids: readonly number[]): void {
    if (ids.length > 0 && link instanceof ReaperLink) this.#supply(link, ids);
  }

  /** Answers a thread that asked for a buffer. */
  answer(link: ReaperLink, id: number): void {
    const isThere = this.#directory.has(id);
    const parcel = this.#directory.parcel(id);
    if (parcel === undefined) {
      if (isThere) this.#renew(link, id);
      const found = isThere ? "coming" : this.#directory.isGone(id) ? "gone" : "in vain";
      link.postMessage({ kind: "fetched", id, found } satisfies ToThread);
      link.nudge(); // nothing may wait on the thread that would look
      return;
    }
    this.#supply(link, parcel.carries);
    this.#links.add(link);
    link.supplied.add(id); // so that it hears when the number means nothing any more
    link.postMessage({ kind: "fetched", id, found: "coming", parcel } satisfies ToThread);
    link.nudge();
  }

  #renew(link: ReaperLink, id: number): void {
    link.supplied.delete(id);
    this.#supply(link, [id]);
  }

  #supply(link: ReaperLink, ids: readonly number[]): void {
    this.#links.add(link);
    // What a program uses itself its thread has let go of since.
    const buffers = [...this.#directory.reachedFrom(ids)].filter(
      ({ id, holding }) => holding === "publisher" || !link.supplied.has(id),
    );
    if (buffers.length === 0) return;
    for (const { id } of buffers) link.supplied.add(id);
    link.supply({ kind: "supply", buffers, gone: [] } satisfies Supply);
  }

  /** A buffer was published again: it may be another one now, and carry more. */
  #changed(id: number): void {
    for (const link of this.#having(id)) this.#renew(link, id);
  }

  #drop(id: number): void {
    this.#dropped.add(id);
    if (this.#dropped.size === 1) setTimeout(() => this.#tellDropped());
  }

  #tellDropped(): void {
    for (const link of this.#links) {
      const gone = [...this.#dropped].filter((id) => link.supplied.delete(id));
      if (link.isClosed) this.#links.delete(link);
      else if (gone.length > 0) link.supply({ kind: "supply", buffers: [], gone } satisfies Supply);
    }
    this.#dropped.clear();
  }

  #having(id: number): ReaperLink[] {
    return [...this.#links].filter((link) => !link.isClosed && link.supplied.has(id));
  }
}

/** The shared buffers that a message to a thread names. */
export function idsNamedBy(message: ToThread): readonly number[] {
  switch (message.kind) {
    case "outcome":
      return [...message.parcel.carries, ...(message.report?.carries ?? [])];
    case "cancel":
      return message.reason.carries;
    case "lost":
      return message.parcel.carries;
    case "undelivered":
      return [message.parcelId];
    default:
      return [];
  }
}
