/** Counts primes on all processors, of a browser as well as of Node. */
import { pool } from "quipe";
import { countPrimes } from "./primes.ts";

const crew = pool();
const starts = Array.from({ length: 20 }, (_, index) => index * 50_000);
const counts = await Promise.all(
  starts.map((start) => crew.run(countPrimes, [start, start + 50_000])),
);
await crew.close();

const sum = counts.reduce((one, other) => one + other);
const text = `${sum} primes below a million`;
if (typeof document === "undefined") console.log(text);
else document.body.append(text);
