/** Counts primes on all processors, and shows how many there are. */
import { pool } from "quipe";
import { countPrimes } from "./primes.ts";

const crew = pool();
const starts = Array.from({ length: 20 }, (_, index) => index * 50_000);
const counts = await Promise.all(
  starts.map((start) => crew.run(countPrimes, [start, start + 50_000])),
);
await crew.close();

const sum = counts.reduce((one, other) => one + other);
document.querySelector("output")?.replaceChildren(sum.toLocaleString("en"));
