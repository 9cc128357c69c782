/**
 * What joins a thread and the reaper: messages in both directions, in their order.
 *
 *   Node, Bun, Deno    a MessagePort, which a blocked thread can read
 *   browsers           thread ── channel ──▶ reaper        reaper ── mail, and by channel what holds shared memory ──▶ thread
 *
 * In a browser the channel to a thread is that of the worker itself, or a MessagePort for workers that the program has made, and
 * what goes through it waits for the thread's event loop. So the reaper sends a shared buffer before the message that names
 * it, and a thread that meets one that is not here yet tries again later (sync/buffers.ts).
 *
 * From a worker to the reaper it is always a MessagePort: what a worker posts by its own channel browsers drop as soon as it is
 * being terminated, though it may go on and act upon having said it. A port keeps that, but for shared memory in Firefox, which
 * is lost with the thread unless it has arrived. So a worker counts each message before it posts it, and then looks whether it
 * is being ended; the reaper says so, hears it out, and terminates it only then. Either the worker sees that it has no more to say,
 * or the reaper waits for it. It is heard out once more when its lock says that it has ended, which may come before its words.
 */
import { MailReader, MailWriter } from "./mail.ts";

/** One end of such a connection. */
export interface Link {
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: "message", handler: (message: unknown) => void): unknown;
  close(): void;
  /** In a browser, of the end of a thread: takes the next message that is here. */
  take?(isInOrder: boolean): unknown;
  /** In a browser, of the end of a thread: what this throws keeps a message from being posted. */
  checkBefore?(check: () => void): void;
}

/** What happens at a channel: a message, or an error with a text. */
export interface ChannelEvent {
  readonly data?: unknown;
  readonly message?: unknown;
  preventDefault?(): void;
}

/** What messages go through in a browser: a worker, the inside of one, or a port. */
export interface Channel {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  addEventListener(type: string, handler: (event: ChannelEvent) => void): void;
  start?(): void;
  close?(): void;
}

/** A channel that is heard at one place and posted into at another one. */
export function channelOf(heard: Channel, posted: Pick<Channel, "postMessage">): Channel {
  return {
    postMessage: (message, transfer) => posted.postMessage(message, transfer),
    addEventListener: (type, handler) => heard.addEventListener(type, handler),
    start: () => heard.start?.(),
    close: () => heard.close?.(),
  };
}

/** What goes through a channel; others may use it too, since it is the worker's own. */
interface Envelope {
  readonly quipe: {
    /** Between thread and reaper. */
    readonly message?: unknown;
    /** An order to an idle worker. */
    readonly order?: unknown;
    /** From a thread: there is room in its mail again. */
    readonly hasRoom?: boolean;
  };
}

/** What goes through the mail. */
interface Mailed {
  /** How many messages went by the channel before it. */
  readonly after: number;
  readonly message: unknown;
}

type Handler = (message: unknown) => void;

/** If nothing more comes for so long of what a thread has counted that is dead or ending, it never will. */
const SILENT_FOR_MS = 1000;
/** How often it is looked at meanwhile whether the thread has taken back that it would say more. */
const LOOK_AGAIN_MS = 20;

/** The end of a thread, in a browser. */
export class ThreadLink implements Link {
  readonly #channel: Channel;
  readonly #mail: MailReader;
  readonly #arrived: unknown[] = [];
  /** How many messages have come by the channel. */
  #heard = 0;
  /** Was taken out of the mail too early. */
  #next: Mailed | undefined;
  readonly #orders: unknown[] = [];
  #handleOrder: Handler | undefined;
  #hearArrival: (() => void) | undefined;
  #check = (): void => {};

  constructor(channel: Channel, mail: SharedArrayBuffer) {
    this.#channel = channel;
    this.#mail = new MailReader(mail, () => this.#post({ hasRoom: true }));
    channel.addEventListener("message", ({ data }) => this.#hear(data));
    channel.start?.();
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    this.#post({ message }, transfer);
  }

  /** Calls `handler` with each order to this thread, also with those that came before. */
  on(_event: "message", handler: Handler): void {
    this.#handleOrder = handler;
    for (const order of this.#orders.splice(0)) handler(order);
  }

  checkBefore(check: () => void): void {
    this.#check = check;
  }

  /** Whether the reaper has ever been heard here, so that it is running. */
  get hasHeard(): boolean {
    return this.#heard > 0;
  }

  /** Calls `hear` whenever there may be something to take. */
  onArrival(hear: () => void): void {
    this.#hearArrival = hear;
    if (this.#arrived.length > 0) hear();
  }

  /**
   * The next message of the reaper that is here; undefined if none is. Never waits, also works while blocked. With
   * `isInOrder` none that was sent after one which has yet to come by the channel: what code that waits in the event loop is
   * told of is then here as well.
   */
  take(isInOrder: boolean): unknown {
    if (this.#arrived.length > 0) return this.#arrived.shift();
    this.#next ??= this.#mail.take() as Mailed | undefined;
    const next = this.#next;
    if (next === undefined || (isInOrder && next.after > this.#heard)) return undefined;
    this.#next = undefined;
    return next.message;
  }

  close(): void {
    this.#channel.close?.();
  }

  #post(quipe: Envelope["quipe"], transfer: readonly unknown[] = []): void {
    this.#mail.countSaid(1);
    try {
      this.#check();
    } catch (error) {
      this.#mail.countSaid(-1);
      throw error;
    }
    this.#channel.postMessage({ quipe } satisfies Envelope, transfer);
  }

  #hear(data: unknown): void {
    if (!isEnvelope(data)) return;
    this.#heard += 1;
    const { order, message } = data.quipe;
    if (order !== undefined) {
      if (this.#handleOrder === undefined) this.#orders.push(order);
      else this.#handleOrder(order);
      return;
    }
    if (message !== undefined) this.#arrived[this.#arrived.length] = message;
    this.#hearArrival?.();
  }
}

/** The reaper's end of a link to a thread, in a browser. */
export class ReaperLink implements Link {
  readonly #channel: Channel;
  readonly #mail: MailWriter;
  #handle: Handler = () => {};
  #ring: () => void = () => {};
  /** The numbers of the shared buffers that the thread has, or that are on their way to it. */
  readonly supplied: Set<number> = new Set();
  /** How many messages were sent by the channel. */
  #sent = 0;
  #isClosed = false;
  /** What waits for the first message of the thread. */
  #held: Envelope[] | undefined;
  /** How many messages have come. */
  #heard = 0;
  readonly #hearers: (() => void)[] = [];

  /** With `untilHeard` nothing goes out before the thread was heard. */
  constructor(channel: Channel, mail: SharedArrayBuffer, untilHeard = false) {
    this.#channel = channel;
    this.#held = untilHeard ? [] : undefined;
    this.#mail = new MailWriter(mail);
    channel.addEventListener("message", ({ data }) => this.#hear(data));
    channel.start?.();
  }

  /** Puts a message into the thread's mail; it must not hold shared memory. */
  postMessage(message: unknown): void {
    this.#mail.post({ after: this.#sent, message } satisfies Mailed);
  }

  /** Sends what holds shared memory, which the thread hears of in its event loop. */
  supply(message: unknown): void {
    this.#post({ message });
  }

  /** Puts an order before the thread, for its event loop. */
  order(order: unknown): void {
    this.#post({ order });
  }

  /** Has the event loop of the thread look into its mail. */
  nudge(): void {
    this.#post({});
  }

  on(_event: "message", handler: Handler): void {
    this.#handle = handler;
  }

  /** Says how the thread is woken when more of its mail is there. */
  ringBy(ring: () => void): void {
    this.#ring = ring;
  }

  /** Whether the thread has ever posted anything, be it here yet or not. */
  get hasSaid(): boolean {
    return this.#mail.said !== 0;
  }

  /**
   * Resolves once everything is handled that the thread has posted so far; or when nothing of it has come for a second, since
   * it has ended in the middle.
   */
  async heardOut(): Promise<void> {
    const saidSoFar = this.#mail.said;
    let heardBefore = this.#heard;
    let silentSince = performance.now();
    while (this.#hasMore() && ((saidSoFar - this.#heard) | 0) > 0) {
      await this.#nextOrLater();
      if (this.#heard !== heardBefore) {
        heardBefore = this.#heard;
        silentSince = performance.now();
      } else if (performance.now() - silentSince >= SILENT_FOR_MS) return;
    }
  }

  async #nextOrLater(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#hearers.push(resolve);
      timer = setTimeout(resolve, LOOK_AGAIN_MS);
    });
    clearTimeout(timer);
  }

  /** Whether nobody is at the other end any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#handle = () => {};
    this.#channel.close?.();
  }

  #post(quipe: Envelope["quipe"]): void {
    this.#sent += 1;
    if (this.#held === undefined) this.#channel.postMessage({ quipe } satisfies Envelope);
    else this.#held.push({ quipe });
  }

  #hasMore(): boolean {
    return ((this.#mail.said - this.#heard) | 0) > 0;
  }

  #hear(data: unknown): void {
    if (!isEnvelope(data)) return;
    this.#heard += 1;
    for (const hear of this.#hearers.splice(0)) hear();
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const envelope of held) this.#channel.postMessage(envelope);
    const { hasRoom, message } = data.quipe;
    if (hasRoom === true) {
      this.#mail.goOn();
      this.#ring();
    } else if (message !== undefined) this.#handle(message);
  }
}

function isEnvelope(data: unknown): data is Envelope {
  return typeof data === "object" && data !== null && "quipe" in data;
}
