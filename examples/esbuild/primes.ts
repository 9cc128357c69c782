/** The module of the task. The plugin makes a file of it, which other threads load. */
import { task } from "quipe";
import { isPrime } from "./is-prime.ts";

/** How many primes there are from `first` up to, but without, `end`. */
export const countPrimes = task(
  import.meta.url,
  function countPrimes(first: number, end: number): number {
    let count = 0;
    for (let x = first; x < end; x++) if (isPrime(x)) count += 1;
    return count;
  },
);
