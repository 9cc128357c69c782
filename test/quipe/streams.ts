/** Sources and sinks for tests of streams. */
import { nextTurn } from "../../src/runtime/host.ts";

/** Counts up from 0, and how often it was asked; keeps nothing ready. */
export function counting(length: number = Infinity): {
  readonly stream: ReadableStream<number>;
  readonly asked: () => number;
  /** Undefined until it is cancelled. */
  readonly cancelled: () => { readonly reason: unknown } | undefined;
} {
  let asked = 0;
  let cancelled: { readonly reason: unknown } | undefined;
  const stream = new ReadableStream<number>(
    {
      pull(controller) {
        if (asked === length) controller.close();
        else controller.enqueue(asked++);
      },
      cancel: (reason: unknown) => void (cancelled = { reason }),
    },
    { highWaterMark: 0 },
  );
  return { stream, asked: () => asked, cancelled: () => cancelled };
}

/** Everything in a stream or an iteration. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Lets timers, sockets and promises have so many turns. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}
