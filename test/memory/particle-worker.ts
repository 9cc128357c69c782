/** The other thread of structs.test.ts: answers a list of particles with their radii. */
import { parentPort } from "node:worker_threads";
import { openRegion } from "../../src/memory/region.ts";
import { rootOf } from "../../src/memory/views.ts";
import type { Particle } from "./particle.ts";
import "./particle.ts";

parentPort?.on("message", (buffer: SharedArrayBuffer) => {
  const particles = rootOf(openRegion(buffer)) as readonly Particle[];
  parentPort?.postMessage(particles.map((particle) => particle.radius));
});
