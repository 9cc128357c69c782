/**
 * What the compiler knows of namespaces. Compiled with everything else: an expectation that does not hold fails the
 * build. Nothing here runs.
 */
import {
  child,
  compareAndSet,
  freeze,
  isLocked,
  lock,
  namespace,
  reader,
  rebind,
  rebindable,
  snapshot,
  spawn,
  unbind,
  whenBound,
} from "../../src/index.ts";
import type { Namespace } from "../../src/index.ts";

interface Graph {
  readonly nodes: readonly string[];
}

export async function known(graph: Graph): Promise<void> {
  const names = namespace({ graph: freeze(graph), rate: 2 });
  const count: number = names.graph.nodes.length * names.rate;
  names.rate = count;
  // @ts-expect-error -- a text is no number
  names.rate = "fast";
  // @ts-expect-error -- no such name
  void names.speed;
  // @ts-expect-error -- what is frozen cannot be written
  names.graph.nodes[0] = "x";
  lock(names, "graph", "rate");
  // @ts-expect-error -- no such name
  lock(names, "speed");
  // @ts-expect-error -- an ordinary object is no namespace
  lock({ rate: 2 }, "rate");
  rebind(names, { rate: 3 });
  rebind(names, (now) => ({ rate: now.rate + 1 }));
  // @ts-expect-error -- of another type
  rebind(names, { rate: "3" });
  const isSet: boolean = compareAndSet(names, "rate", 3, 4);
  // @ts-expect-error -- of another type
  compareAndSet(names, "rate", 3, "4");
  unbind(names, "rate");
  const { rate }: { readonly rate: number } = snapshot(names);
  // @ts-expect-error -- a snapshot is not written to
  snapshot(names).rate = 1;
  const fast: number = reader(names).rate;
  const inner = child(names, { rate: "slow", more: true });
  const text: string = inner.rate;
  const nodes: readonly string[] = inner.graph.nodes;
  const same: Namespace<{ graph: Graph; rate: number }> = rebindable(names);
  void [isSet, rate, fast, text, nodes, same, isLocked(names, "rate")];
  const sum = spawn((given: Namespace<{ graph: Graph; rate: number }>) => given.rate, [names]);
  const result: number = await sum.result;
  spawn(() => result, [], { names });
  spawn(() => result, [], { names: { result } });
  // @ts-expect-error -- a promise cannot be bound
  namespace({ later: Promise.resolve(1) });
  const open = namespace<{ done?: boolean }>();
  delete open.done;
  const done: boolean = await whenBound(open, "done");
  const loose = namespace();
  loose["anything"] = done;
}
