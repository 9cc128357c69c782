/** Tasks for the suites, which use ends that they are handed. */
import { type End, current, quipe, task } from "../../../src/index.ts";
import { exitThread } from "../../exit-thread.ts";

/** Sends the numbers from `from` on, so many of them, waiting in turn; and closes the end. */
export const sendNumbers = task(
  import.meta.url,
  async function sendNumbers(end: End, from: number, count: number): Promise<number> {
    for (let i = 0; i < count; i++) await end.send(from + i);
    end.close();
    return count;
  },
);

/** The same, and blocks. */
export const sendNumbersSync = task(
  import.meta.url,
  function sendNumbersSync(end: End, from: number, count: number): number {
    for (let i = 0; i < count; i++) end.sendSync(from + i);
    end.close();
    return count;
  },
);

/** Receives until the end of the lane, and says what and how it ended. */
export const collectAll = task(import.meta.url, async function collectAll(end: End): Promise<{
  items: unknown[];
  how: string;
}> {
  const items: unknown[] = [];
  try {
    for await (const item of end) items.push(item);
    return { items, how: "finished" };
  } catch (error) {
    return { items, how: (error as { code: string }).code };
  }
});

/** The same, and blocks. */
export const collectAllSync = task(import.meta.url, function collectAllSync(end: End): {
  items: unknown[];
  how: string;
} {
  const items: unknown[] = [];
  try {
    for (const item of end) items.push(item);
    return { items, how: "finished" };
  } catch (error) {
    return { items, how: (error as { code: string }).code };
  }
});

/** Sends back what comes, until the lane ends. */
export const echoAll = task(import.meta.url, async function echoAll(end: End): Promise<void> {
  for await (const item of end) await end.send(item as string);
});

/** Receives one item after the other, each when it is told to, and tells what it was. */
export const receiveOnDemand = task(
  import.meta.url,
  async function receiveOnDemand(end: End): Promise<void> {
    const orders = current().quipe;
    for await (const order of orders) {
      void order;
      await orders.send((await end.receive()) as string);
    }
  },
);

/** Sends one item after the other, each as it is told to, and says so when it is sent. */
export const sendOnDemand = task(
  import.meta.url,
  async function sendOnDemand(end: End): Promise<void> {
    const orders = current().quipe;
    for await (const item of orders) {
      await end.send(item as string);
      await orders.send(item as string);
    }
  },
);

/** Says that it has the end, and keeps it for ever. */
export const holdForEver = task(
  import.meta.url,
  async function holdForEver(end: End): Promise<void> {
    current().quipe.sendSync(end.peerState);
    await current().quipe.receive(); // a promise that nobody could settle would be collected, and the end with it
    end.close();
  },
);

/** Never looks at what it is sent. */
export const neverReceive = task(import.meta.url, async function neverReceive(): Promise<void> {
  current().quipe.sendSync("running");
  await new Promise(() => {});
});

/** Sends the end back in a message of its own quipe, after a clone of it has sent `greeting`. */
export const cloneAndReturn = task(
  import.meta.url,
  async function cloneAndReturn(end: End, greeting: string): Promise<void> {
    const clone = end.clone();
    await current().quipe.send(clone);
    await end.send(greeting);
    end.close();
  },
);

/** Gives the end back as its result. */
export const giveBack = task(import.meta.url, function giveBack(end: End): End {
  return end;
});

/** Makes a quipe, and gives one end of it back; the other one has sent its farewell. */
export const makeQuipe = task(import.meta.url, function makeQuipe(): End {
  const [mine, yours] = quipe();
  mine.trySend("from a task that is dead");
  mine.close();
  return yours;
});

/** Moves the end to and fro over its own quipe, for as long as one comes. */
export const returnEach = task(import.meta.url, async function returnEach(): Promise<number> {
  let count = 0;
  for await (const end of current().quipe) {
    await (end as End).send(count);
    count += 1;
    await current().quipe.send(end as End);
  }
  return count;
});

/** Ends as told while it has the end. */
export const endAs = task(
  import.meta.url,
  async function endAs(
    end: End,
    how: "return" | "throw" | "exit" | "close" | "abort" | "drop",
  ): Promise<void> {
    await end.send("last words");
    if (how === "throw") throw new RangeError("on purpose");
    if (how === "exit") await exitThread(3);
    if (how === "close") end.close(new RangeError("on purpose"));
    if (how === "abort") end.abort(new RangeError("on purpose"));
  },
);

/** Sends what it is told to, once, and then waits for ever. */
export const sendOnce = task(import.meta.url, async function sendOnce(end: End): Promise<void> {
  await end.send((await current().quipe.receive()) as string);
  await current().quipe.receive(); // and keeps the end, which would be collected with a promise that nobody can settle
  end.close();
});
