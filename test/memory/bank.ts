/**
 * Guarded data whose parts must always agree, and tasks that change it at random: for tests that kill those tasks.
 *
 * Money is neither made nor lost, over all branches together; in each branch every count says how much there is of
 * what it counts. A task that finds anything else throws.
 */
import assert from "node:assert/strict";
import { freeze } from "../../src/memory/freeze.ts";
import type { Frozen } from "../../src/memory/frozen.ts";
import { type Guard, guard, update, updateSync } from "../../src/memory/guard.ts";
import { registerClass } from "../../src/memory/classes.ts";
import { f64, str, struct } from "../../src/memory/structs.ts";
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";

/** An account. */
export class Account extends struct({ balance: f64, note: str }) {}
registerClass(Account);

/** One branch of the bank. */
export interface Branch {
  readonly accounts: Account[];
  readonly journal: string[];
  journalLength: number;
  readonly byName: Record<string, number>;
  names: number;
  readonly holds: Map<number, string>;
  holdCount: number;
  latest: { readonly version: number };
  version: number;
}

/** The bank's branches. */
export type Bank = readonly Guard<Branch>[];

const ACCOUNTS = 6;
const START = 100;

/** A bank with three branches. */
export function openBank(): Bank {
  return [0, 1, 2].map(() =>
    guard<Branch>({
      accounts: Array.from({ length: ACCOUNTS }, () => new Account({ balance: START, note: "" })),
      journal: [],
      journalLength: 0,
      byName: {},
      names: 0,
      holds: new Map(),
      holdCount: 0,
      latest: freeze({ version: 0 }),
      version: 0,
    }),
  );
}

/** Throws unless the parts of one branch agree. Returns its money. */
export function checkBranch(branch: Frozen<Branch>): number {
  assert.equal(branch.journal.length, branch.journalLength, "the journal");
  assert.equal(Object.keys(branch.byName).length, branch.names, "the names");
  assert.equal(branch.holds.size, branch.holdCount, "the holds");
  assert.equal(branch.latest.version, branch.version, "the version");
  let money = 0;
  for (const { balance, note } of branch.accounts) {
    assert.ok(note === "" || note === `has ${balance}`, `${note}: ${balance}`);
    money += balance;
  }
  return money;
}

/** Throws unless the whole bank is in order; at one instant, since all branches are held. */
export function checkBank(bank: Bank, timeoutMs?: number): void {
  const money = updateSync(bank, (...branches) => branches.map(checkBranch), { timeoutMs });
  assert.equal(
    money.reduce((sum, one) => sum + one),
    bank.length * ACCOUNTS * START,
    "the money",
  );
}

/** Random numbers from a seed (mulberry32, by Tommy Ettinger). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = (below: number) => number;

function pay(from: Branch, to: Branch, random: Random): void {
  const amount = random(20);
  const payer = from.accounts[random(ACCOUNTS)] as Account;
  const payee = to.accounts[random(ACCOUNTS)] as Account;
  payer.balance -= amount;
  payee.balance += amount;
  payer.note = `has ${payer.balance}`;
  payee.note = `has ${payee.balance}`;
}

function write(branch: Branch, random: Random): void {
  if (branch.journal.length > 40) branch.journal.length = 3;
  branch.journal.push("ü".repeat(random(3)) + "x".repeat(random(3_000)));
  branch.journalLength = branch.journal.length;
}

function rename(branch: Branch, random: Random): void {
  const name = `name ${random(30)}`;
  if (Object.hasOwn(branch.byName, name)) delete branch.byName[name];
  else branch.byName[name] = random(1_000);
  branch.names = Object.keys(branch.byName).length;
  const key = random(30);
  if (!branch.holds.delete(key)) branch.holds.set(key, `hold ${key}`);
  branch.holdCount = branch.holds.size;
}

function issue(branch: Branch): void {
  branch.version++;
  branch.latest = freeze({ version: branch.version });
}

/** One random thing that a task does with the bank. */
async function act(bank: Bank, random: Random): Promise<void> {
  const one = bank[random(bank.length)] as Guard<Branch>;
  const other = bank[random(bank.length)] as Guard<Branch>;
  switch (random(9)) {
    case 0:
      return updateSync([one, other], (from, to) => pay(from, to, random));
    case 1:
      return update([one, other], (from, to) => pay(from, to, random));
    case 2:
      return one.updateSync((branch) => write(branch, random));
    case 3:
      return one.update((branch) => rename(branch, random));
    case 4:
      return one.updateSync(issue);
    case 5:
      return void one.readSync(checkBranch);
    case 6:
      return void (await one.read(checkBranch));
    case 7:
      return one.updateSync(spoil(random));
    default:
      return void (await one.until((branch) => branch.version >= 0, { timeoutMs: 60_000 }));
  }
}

/** Changes everything, then throws. */
function spoil(random: Random): (branch: Branch) => void {
  return (branch) => {
    pay(branch, branch, random);
    write(branch, random);
    rename(branch, random);
    branch.version = -1;
    throw new RangeError("spoilt on purpose");
  };
}

/** Works with the bank until it is killed, and says how far it has got now and then. */
export const work = task(
  import.meta.url,
  async function work(bank: Bank, seed: number): Promise<void> {
    const random = randomFrom(seed);
    const { quipe } = current<number>();
    for (let i = 0; ; i++) {
      try {
        await act(bank, random);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      if (i % 8 === 0) await quipe.send(i);
    }
  },
);
