/** Functions that the tests of the command call: good ones, bad ones and deadly ones. */

/** The record itself. */
export function same(record: unknown): unknown {
  return record;
}

/** All that the function is given. */
export function seen(record: unknown, shared: unknown, number: number): unknown {
  return { record, shared, number };
}

/** Whether every shared value refuses to be written to. */
export function frozen(_record: unknown, shared: Readonly<Record<string, object>>): boolean {
  return Object.isFrozen(shared) && Object.values(shared).every((value) => Object.isFrozen(value));
}

/** An async function that sometimes rejects. */
export async function later(record: string): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  if (record === "bad") throw new RangeError("a bad one");
  return record.toUpperCase();
}

/** Throws for "bad". */
export function picky(record: string): string {
  if (record === "bad") throw new RangeError("a bad one");
  return record;
}

/** What JSON cannot say, by name. */
export function strange(record: string): unknown {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  const values: Record<string, unknown> = { bigint: 1n, loop, function: same, undefined, nan: NaN };
  return values[record];
}

/** Ends its task in the way that the record names. */
export function deadly(record: string): string {
  if (record === "exit") process.exit(0);
  if (record === "exit later") setTimeout(() => process.exit(0));
  if (record === "loop") for (;;);
  if (record === "memory") {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 100_000 }, (_, i) => i / 3));
  }
  return record;
}

/** Prints on both streams. */
export function chatty(record: string): string {
  console.log(`saying ${record}`);
  process.stdout.write("writing\n");
  return record;
}

/** Tells when it has begun, and never ends. */
export function endless(record: string): string {
  process.stderr.write(`begun ${record}\n`);
  for (;;);
}

/** Waits for ever, without computing. */
export async function patient(record: string): Promise<string> {
  if (record === "wait") await new Promise(() => setInterval(() => undefined, 1000));
  return record;
}

/** Not a function. */
export const limit = 3;
