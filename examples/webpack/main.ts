/** Counts primes on four threads of Node. */
import { Worker } from "worker_threads"; // webpack knows it by this name, without "node:"
import { spawn } from "quipe";

const countPrimes = {
  worker: () => new Worker(new URL("./primes.ts", import.meta.url)),
  task: "countPrimes",
};

const starts = [0, 250_000, 500_000, 750_000];
const tasks = starts.map((start) => spawn<number>(countPrimes, [start, start + 250_000]));
const counts = await Promise.all(tasks.map((task) => task.result));

const sum = counts.reduce((one, other) => one + other);
console.log(`${sum} primes below a million`);
