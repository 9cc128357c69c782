/**
 * The types of quipes, selects, guards and shared memory, as a program meets them. Compiled with everything else, and
 * from the packed package. Nothing here runs, and nothing here needs the types of a runtime.
 */
import {
  type AnyGuard,
  type CannotBeShared,
  type Cases,
  type CaseValue,
  type Chosen,
  type Description,
  type End,
  type FreezeOptions,
  Guard,
  type Guarded,
  type ImageSource,
  type ImageTarget,
  type LaneStatistics,
  type Namespace,
  type NamesDescription,
  type NodeWritable,
  type PeerState,
  type QuipeOptions,
  QuipeRequest,
  type QuipeSize,
  type RegionDescription,
  type SelectOptions,
  type Selectable,
  type Selected,
  type StructClass,
  type StructField,
  type StructFields,
  type StructValues,
  type Undelivered,
  adopt,
  bool,
  checkStructs,
  compact,
  describe,
  f64,
  freeze,
  guard,
  i32,
  isFrozen,
  isShared,
  load,
  move,
  namespace,
  publish,
  quipe,
  rebound,
  ref,
  registerClass,
  release,
  reopen,
  save,
  select,
  share,
  spawn,
  strOrNull,
  struct,
  unlock,
  update,
  updateSync,
  whenRebound,
} from "../../src/index.ts";

export async function ends(undelivered: Undelivered, size: QuipeSize): Promise<void> {
  const options: QuipeOptions = { overflow: "drop-oldest", undelivered, ...size };
  const [left, right]: [End<number, string>, End<string, number>] = quipe<number, string>(options);
  await left.send(1, { timeoutMs: 5 });
  const taken: { value: number } | undefined = right.tryReceive();
  const state: PeerState = left.peerState;
  const { out }: { readonly out: LaneStatistics } = left.statistics();
  for await (const n of right.clone()) void (n satisfies number);
  const readable: ReadableStream<string> = left.readable;
  const writable: WritableStream<number> = left.writable;
  void [taken, state, out, readable, writable];
  // @ts-expect-error -- the other side sends texts
  const wrong: number = await left.receive();
  // @ts-expect-error -- this side sends numbers
  left.trySend("1");
  void wrong;
}

export async function requests(end: End<QuipeRequest<string, number>>): Promise<void> {
  const answer: number = await end.request("how many?", { timeoutMs: 5 });
  // @ts-expect-error -- a question of another type
  await end.request(1);
  void [answer, QuipeRequest];
}

export async function choices(end: End<never, string>, late: Selectable<number>): Promise<void> {
  const cases = { end, late } satisfies Cases;
  const options: SelectOptions = { priority: true, timeoutMs: 5 };
  const chosen: Selected<typeof cases> = await select(cases, options);
  const one: Chosen<"late", number> | undefined = chosen.case === "late" ? chosen : undefined;
  const value: CaseValue<typeof late> = 1;
  void [one, value];
  // @ts-expect-error -- there is no such case
  if (chosen.case === "early") return;
}

export async function guards(): Promise<void> {
  const from: Guard<{ balance: number }> = guard({ balance: 10 });
  const to = guard({ balance: 0 });
  const all: readonly AnyGuard[] = [from, to];
  const moved: number = await update([from, to], (a, b) => (b.balance += a.balance));
  const again: Guarded<[typeof from]> = [{ balance: 1 }];
  updateSync([from], (a) => void (a.balance = 0));
  void [all, moved, again, Guard];
  // @ts-expect-error -- what is read is read-only
  await from.read((it) => (it.balance = 1));
  // @ts-expect-error -- a guard is of an object
  guard(1);
}

export async function memory(target: ImageTarget & NodeWritable, from: ImageSource): Promise<void> {
  const options: FreezeOptions = { forever: true };
  const towns = freeze([{ name: "Oslo" }], options);
  compact(towns);
  const bytes: Uint8Array = await save(towns);
  await save(towns, target);
  const loaded = await load<{ name: string }[]>(from);
  const name: string | undefined = loaded[0]?.name;
  const described: Description = describe(towns);
  const parts: [RegionDescription | undefined, NamesDescription | undefined] = [
    undefined,
    undefined,
  ];
  const draft = share({ count: 1 });
  const moved: { count: number } = move(draft);
  release(towns);
  const checks: boolean[] = [isFrozen(towns), isShared(moved)];
  void [bytes, name, described, parts, checks];
  // @ts-expect-error -- frozen is read-only
  loaded.push({ name: "Bergen" });
}

export function structs(): void {
  const fields = { x: f64, n: i32, is: bool, label: strOrNull, next: ref<Node>() };
  fields satisfies StructFields;
  const made: StructClass<typeof fields> = struct(fields);
  const values: StructValues<typeof fields> = { x: 1, n: 2, is: true, label: null, next: null };
  const field: StructField<number> = f64;
  const node = new made(values);
  node.x += 1;
  registerClass(made, "Made");
  checkStructs(true);
  void field;
  // @ts-expect-error -- a field is missing
  new made({ x: 1 });
}

class Node extends struct({ n: i32 }) {}

export async function names(end: End<string>): Promise<void> {
  const rates: Namespace<{ rate: number }> = namespace({ rate: 1 });
  publish(rates);
  reopen(rates);
  unlock(rates, "rate");
  adopt(rates);
  const next: number = await whenRebound(rates, "rate", 1);
  const changed: Selectable<number> = rebound(rates, "rate", next);
  spawn(() => 1, [], { names: rates });
  void [changed, end];
  // @ts-expect-error -- there is no such name
  unlock(rates, "date");
}

/** A refusal is a type that says why. */
export function refusal(no: CannotBeShared<"a function">): unknown {
  return no;
}
