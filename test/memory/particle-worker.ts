/** The other thread of structs.test.ts: answers a list of particles with their radii. */
import { parentPort } from "node:worker_threads";
import { openRegion } from "../../src/memory/region.ts";
import { rootOf } from "../../src/memory/views.ts";
import { Particle } from "./particle.ts";

parentPort?.on("message", (buffer: SharedArrayBuffer) => {
  const particles = rootOf(openRegion(buffer)) as readonly Particle[];
  const mine = particles.filter((particle) => particle instanceof Particle);
  parentPort?.postMessage(mine.map((particle) => particle.radius));
});
