/**
 * The threads that draw, and the tiles that wait for them. A thread holds at most two tiles: the one that it draws,
 * and the next. When it dies, whatever it died of, those that it held go back and come first.
 */
import { type End, type Frozen, type Task, spawn } from "quipe";
import { type DrawnTile, type TileOrder, drawTiles } from "./light.ts";
import type { World } from "./terrain.ts";

/** One thread of the page. */
export interface Member {
  readonly number: number;
  readonly color: string;
  state: "at work" | "stopping" | "dead";
  /** Sent to it, and not come back. */
  held: TileOrder[];
  drawn: number;
  /** How it ended, in words. */
  end: string;
  task: Task<void> | undefined;
}

/** What the page does about it. */
export interface CrewEvents {
  onTile(tile: DrawnTile, member: Member): void;
  /** A member has begun, was killed, or is dead. */
  onChange(member: Member): void;
}

const HELD_AT_MOST = 2;

/** All threads. */
export class Crew {
  readonly members: readonly Member[];
  readonly #world: Frozen<World>;
  readonly #events: CrewEvents;
  readonly #waiting: TileOrder[] = [];

  constructor(world: Frozen<World>, size: number, events: CrewEvents) {
    this.#world = world;
    this.#events = events;
    this.members = Array.from({ length: size }, (_, index) => ({
      number: index + 1,
      color: `hsl(${Math.round(28 + index * 137.5) % 360} 85% 62%)`,
      state: "dead",
      held: [],
      drawn: 0,
      end: "",
      task: undefined,
    }));
    for (const member of this.members) this.start(member);
  }

  /** Adds tiles to draw. */
  add(orders: readonly TileOrder[]): void {
    this.#waiting.push(...orders);
    for (const member of this.members) this.#feed(member);
  }

  /** Starts a thread, for the first time or in place of one that is dead. */
  start(member: Member): void {
    if (member.state !== "dead") return;
    member.state = "at work";
    member.task = spawn(drawTiles, [this.#world], { name: `thread ${member.number}` });
    this.#events.onChange(member);
    void this.#attend(member, member.task);
    this.#feed(member);
  }

  /** Kills a thread where it stands. */
  kill(member: Member): void {
    if (member.state !== "at work") return;
    member.state = "stopping";
    this.#events.onChange(member);
    void member.task?.kill("killed from the page");
  }

  /** Takes what it has drawn, until it is dead. */
  async #attend(member: Member, task: Task<void>): Promise<void> {
    try {
      for await (const tile of quipeTo(task)) {
        member.held = member.held.filter((order) => !isSameTile(order, tile));
        member.drawn += 1;
        this.#events.onTile(tile, member);
        this.#feed(member);
      }
    } catch {
      // It is dead; how it died says its outcome.
    }
    const outcome = await task.outcome;
    member.state = "dead";
    member.end = outcome.kind;
    if (outcome.kind === "failed" || outcome.kind === "crashed")
      console.error(String(outcome.error));
    this.#waiting.unshift(...member.held.splice(0));
    this.#events.onChange(member);
    for (const other of this.members) this.#feed(other);
  }

  #feed(member: Member): void {
    if (member.state !== "at work" || member.task === undefined) return;
    while (member.held.length < HELD_AT_MOST) {
      const order = this.#waiting.shift();
      if (order === undefined) return;
      member.held.push(order);
      quipeTo(member.task)
        .send(order)
        .catch(() => {}); // it is dead, and what it held goes back
    }
  }
}

function quipeTo(task: Task<void>): End<TileOrder, DrawnTile> {
  return task.quipe as End<TileOrder, DrawnTile>;
}

function isSameTile(order: TileOrder, tile: TileOrder): boolean {
  return order.picture === tile.picture && order.left === tile.left && order.top === tile.top;
}
