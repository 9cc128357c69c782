/** The list of threads: what each does, with a button that kills it, or starts another in its place. */
import type { Member } from "./crew.ts";

/** What its buttons do. */
export interface ThreadActions {
  kill(member: Member): void;
  start(member: Member): void;
}

interface Row {
  readonly item: HTMLLIElement;
  readonly says: HTMLElement;
  readonly button: HTMLButtonElement;
}

const WORDS: Readonly<Record<Member["state"], string>> = {
  "at work": "Kill",
  stopping: "Stopping",
  dead: "Start",
};

/** Shows the members of a crew. */
export class ThreadList {
  readonly #list: HTMLElement;
  readonly #actions: ThreadActions;
  readonly #rows = new Map<Member, Row>();

  constructor(list: HTMLElement, actions: ThreadActions) {
    this.#list = list;
    this.#actions = actions;
  }

  /** Brings what is said of a member up to date. */
  show(member: Member): void {
    const row = this.#rowOf(member);
    const tiles = `${member.drawn.toLocaleString("en")} tiles`;
    row.says.textContent = member.state === "dead" ? `${member.end} after ${tiles}` : tiles;
    row.item.className = member.state === "dead" ? "dead" : "";
    row.button.textContent = WORDS[member.state];
    row.button.disabled = member.state === "stopping";
  }

  #rowOf(member: Member): Row {
    const known = this.#rows.get(member);
    if (known !== undefined) return known;
    const item = document.createElement("li");
    item.style.setProperty("--color", member.color);
    const name = document.createElement("b");
    name.textContent = `Thread ${member.number}`;
    const says = document.createElement("small");
    const button = document.createElement("button");
    button.addEventListener("click", () => {
      if (member.state === "dead") this.#actions.start(member);
      else this.#actions.kill(member);
    });
    item.append(document.createElement("i"), name, says, button);
    this.#list.append(item);
    const row = { item, says, button };
    this.#rows.set(member, row);
    return row;
  }
}
