/**
 * What the compiler knows of the result of a select. Compiled with everything else: an expectation that does not hold
 * fails the build. Nothing here runs.
 */
import { after, guard, select, selectSync, sending, trySelect, until } from "../../src/index.ts";
import type { End, Task } from "../../src/index.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

export async function typed(
  end: End<string, number>,
  task: Task<boolean>,
  isOpen: boolean,
): Promise<void> {
  const stock = guard({ pears: 0 });
  const chosen = await select({
    end,
    task,
    later: Promise.resolve("text"),
    late: after(1),
    out: sending(end, "item"),
    enough: until(stock, (it) => it.pears > 3 && it.pears),
    off: isOpen ? end : undefined,
  });
  same<typeof chosen.case, "end" | "task" | "later" | "late" | "out" | "enough" | "off">();
  if (chosen.case === "end") same<typeof chosen.value, number>();
  if (chosen.case === "task") same<typeof chosen.value, boolean>();
  if (chosen.case === "later") same<typeof chosen.value, string>();
  if (chosen.case === "late") same<typeof chosen.value, void>();
  if (chosen.case === "out") same<typeof chosen.value, void>();
  if (chosen.case === "enough") same<typeof chosen.value, number>();
  if (chosen.case === "off") same<typeof chosen.value, number>();

  const blocking = selectSync({ end, task });
  if (blocking.case === "end") same<typeof blocking.value, number>();
  const tried = trySelect({ end });
  same<Exclude<typeof tried, undefined>["value"], number>();

  // @ts-expect-error -- not what the end sends
  sending(end, 5);
  // @ts-expect-error -- a number is no case
  void select({ n: 5 });
  // @ts-expect-error -- functions cannot be sent
  sending({} as End, () => 1);
}
