/**
 * A change of names: what is to be done with a copy of the table, and whether this task may do it. All of it becomes
 * true in one step, or nothing; if another task was faster, it is done again with what that one has left.
 *
 *   change(handle, edit) ─▶ look ─▶ edit(draft): checks and changes ─▶ publish ─▶ done
 *                            ▲                                            │ somebody was faster
 *                            └────────────────────────────────────────────┘
 */
import { QuipeError } from "../errors.ts";
import { seemsFree, throwIfKilled } from "../sync/wait.ts";
import { encodeBound } from "./bindable.ts";
import { Binding, type BoundValue, type NamesTable } from "./bindings.ts";
import { type NamesBlock, labelOf } from "./names-block.ts";

/** Who asks for a change. */
export interface Handle {
  readonly block: NamesBlock;
  /** Whether it may rebind names that it has not bound. */
  readonly mayRebind: boolean;
}

/** Changes the names by `edit`, which may be called several times. Throws what that throws, and then nothing has changed. */
export function change(handle: Handle, edit: (draft: Draft) => void): void {
  const { block } = handle;
  for (;;) {
    block.assertHere();
    // Where a thread cannot be stopped from outside it stops here. A task that is only cancelled may tidy up.
    if (!seemsFree()) throwIfKilled();
    block.look();
    const draft = new Draft(handle);
    edit(draft);
    if (!draft.isChanged) return;
    block.enter(draft);
    if (block.publish(draft)) return;
  }
}

/** Throws `not-creator` unless this task made the namespace, and `name-locked` if it still has to adopt it. */
export function assertCreator({ block }: Handle, what: string): void {
  if (!block.isMine) throw notCreator(block, what);
  if (block.isOrphaned) throw mustAdopt(block);
}

/** Names as they are going to be. */
export class Draft implements NamesTable {
  readonly bindings: Map<string, Binding>;
  isSealed: boolean;
  isChanged = false;
  readonly #handle: Handle;

  constructor(handle: Handle) {
    const { bindings, isSealed } = handle.block.table;
    this.bindings = new Map(bindings);
    this.isSealed = isSealed;
    this.#handle = handle;
  }

  /**
   * Throws `name-locked` or `not-creator` if this task may not bind a name now. That it is locked comes first, other than
   * rights do elsewhere: it is what the name's reader relies on, and the same for everybody.
   */
  checkRebind(name: string): void {
    const { block, mayRebind } = this.#handle;
    const present = this.bindings.get(name);
    this.#checkLock(name, present);
    const isAllowed = block.isMine || (mayRebind && present !== undefined);
    if (!isAllowed) throw notCreator(block, `bind ${labelOf(block.id, name)}`);
    if (present === undefined && this.isSealed) throw sealed(block, name);
  }

  /** Binds a name to a value. Throws `not-creator`, `name-locked`, or `not-shareable` with the path to what is to blame. */
  bind(name: string, value: unknown): void {
    this.checkRebind(name);
    this.#set(name, encodeBound(value, pathTo(name)));
  }

  /** Removes a name. Throws `not-creator`, `unbound-name` or `name-locked`. */
  remove(name: string): void {
    const { block } = this.#handle;
    this.#checkLock(name, this.present(name));
    if (!block.isMine) throw notCreator(block, `remove ${labelOf(block.id, name)}`);
    if (this.isSealed) throw sealed(block, name);
    this.bindings.delete(name);
    this.isChanged = true;
  }

  /** Locks a name that is bound to something frozen, as `value` says, or unlocks it. */
  setLock(name: string, isLocked: boolean, value?: BoundValue): void {
    const present = this.present(name);
    if (present.isLocked === isLocked) return;
    const { bytes, id } = present;
    // Data of this task may have come to lie elsewhere since it was bound.
    this.bindings.set(
      name,
      new Binding(name, isLocked, value ?? { bytes, id, keep: present.keep }),
    );
    this.isChanged = true;
  }

  /** Says whether names may be added and removed. */
  setSealed(isSealed: boolean): void {
    this.isChanged ||= this.isSealed !== isSealed;
    this.isSealed = isSealed;
  }

  /** The binding of a name in this namespace itself. Throws `unbound-name`. */
  present(name: string): Binding {
    const present = this.bindings.get(name);
    if (present === undefined) throw this.#handle.block.unbound(name);
    return present;
  }

  #set(name: string, value: BoundValue): void {
    this.bindings.set(name, new Binding(name, false, value));
    this.isChanged = true;
  }

  #checkLock(name: string, present: Binding | undefined): void {
    const { block } = this.#handle;
    if (block.isOrphaned && block.isMine) throw mustAdopt(block);
    if (block.isOrphaned) throw locked(block, name, "Its creator has ended, so everything is.");
    if (present?.isLocked === true) {
      throw locked(block, name, "unlock(names, …) by the creator opens it again.");
    }
  }
}

/** What errors call a name. */
export function pathTo(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `names.${name}`
    : `names[${JSON.stringify(name)}]`;
}

function locked({ id }: NamesBlock, name: string, why: string): QuipeError {
  return new QuipeError(
    "name-locked",
    `${labelOf(id, name)} is locked and stays bound to what it is bound to. ${why}`,
  );
}

function sealed({ id }: NamesBlock, name: string): QuipeError {
  return new QuipeError(
    "name-locked",
    `Namespace ${id} is published as it is, so "${name}" can neither be added nor removed. reopen(names) by its creator opens it again; child(names) binds names of its own.`,
  );
}

function mustAdopt({ id }: NamesBlock): QuipeError {
  return new QuipeError(
    "name-locked",
    `The creator of namespace ${id} has ended, so everything in it is locked, and it was left to this task: adopt(names), and it is yours to change.`,
  );
}

/** The error for who is not the creator. */
export function notCreator({ id, isOrphaned }: NamesBlock, what: string): QuipeError {
  const whose = isOrphaned ? "the heir of its creator, which has ended," : "its creator";
  return new QuipeError(
    "not-creator",
    `Only ${whose} may ${what}; this task has namespace ${id} to read. The creator can send rebindable(names), which may rebind names that are not locked; child(names) binds names of its own.`,
  );
}
