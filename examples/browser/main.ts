/**
 * The page: makes the island, shares it with as many threads as the machine has processors, and has them draw it in the
 * light of a sun that goes on with each picture. The page itself only hands out tiles and shows them.
 */
import { describe } from "quipe";
import { Crew, type Member } from "./crew.ts";
import { FrameMeter } from "./frame-meter.ts";
import { type DrawnTile, TILE, type TileOrder } from "./light.ts";
import { MapView } from "./map-view.ts";
import type { PageState } from "./page-state.ts";
import { makeWorld } from "./terrain.ts";
import { ThreadList } from "./thread-list.ts";

const PAUSE_MS = 1500;
const HOURS_PER_PICTURE = 1;
/** How many pixels the map has in each direction: `?pixels=512` draws a smaller one, in a quarter of the time. */
const PIXELS = Number(new URLSearchParams(location.search).get("pixels") ?? 1024);

function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

function canvas(id: string): HTMLCanvasElement {
  return element(id) as HTMLCanvasElement;
}

const map = new MapView(canvas("map"), canvas("marks"), PIXELS);
const toCome = new Set<string>();
let crew: Crew | undefined = undefined;
let pictures = 0;
let hour = 7;

const threads = new ThreadList(element("threads"), {
  kill: (member) => crew?.kill(member),
  start: (member) => crew?.start(member),
});

const meter = new FrameMeter(canvas("frames"), () => {
  map.mark(crew?.members ?? []);
  const { longestMs } = meter.times;
  element("rate").textContent = `${meter.rate.toFixed(0)} a second`;
  element("gap").textContent =
    `Longest wait for a frame since the first tile: ${longestMs.toFixed(0)} ms`;
});

function keyOf({ picture, left, top }: TileOrder): string {
  return `${picture} ${left} ${top}`;
}

function onTile(tile: DrawnTile, member: Member): void {
  map.put(tile, member);
  threads.show(member);
  toCome.delete(keyOf(tile));
  const all = (PIXELS / TILE) ** 2;
  element("progress").textContent = `Picture ${tile.picture}: ${all - toCome.size} of ${all} tiles`;
  if (toCome.size > 0) return;
  pictures += 1;
  element("pictures").textContent = String(pictures);
  setTimeout(drawNext, PAUSE_MS);
}

/** The next picture, from its middle outwards, with the sun an hour on. */
function drawNext(): void {
  const azimuth = (hour / 24) * 2 * Math.PI;
  const elevation = 0.1 + 0.75 * Math.sin(((hour - 5) / 14) * Math.PI);
  element("sun").textContent = `${hour}:00`;
  hour = hour >= 18 ? 6 : hour + HOURS_PER_PICTURE;
  const orders: TileOrder[] = [];
  for (let top = 0; top < PIXELS; top += TILE) {
    for (let left = 0; left < PIXELS; left += TILE) {
      orders.push({ picture: pictures + 1, size: PIXELS, left, top, azimuth, elevation });
    }
  }
  const middle = (PIXELS - TILE) / 2;
  const distance = ({ left, top }: TileOrder): number => Math.hypot(left - middle, top - middle);
  orders.sort((one, other) => distance(one) - distance(other));
  for (const order of orders) toCome.add(keyOf(order));
  crew?.add(orders);
}

const world = await makeWorld((share) => {
  element("progress").textContent = `Making the island: ${Math.round(share * 100)} %`;
});
const bytes = describe(world).region?.bytes ?? 0;
element("shared").textContent = `${(bytes / 1e6).toFixed(0)} MB, once`;
crew = new Crew(world, navigator.hardwareConcurrency, {
  onTile,
  onChange: (member) => threads.show(member),
});
meter.reset();
drawNext();

const size = crew.members.length;
const pageState = (): PageState => ({
  pictures,
  tilesToCome: toCome.size,
  threads: size,
  sharedBytes: bytes,
  holes: map.holes,
  frames: meter.times,
});
Object.assign(globalThis, { pageState });
