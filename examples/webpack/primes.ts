/** The file of the worker: it marks what runs there, by a name that no compiler changes. */
import { task } from "quipe";
import { isPrime } from "./is-prime.ts";

/** How many primes there are from `first` up to, but without, `end`. */
function countPrimes(first: number, end: number): number {
  let count = 0;
  for (let x = first; x < end; x++) if (isPrime(x)) count += 1;
  return count;
}

task(import.meta.url, countPrimes, "countPrimes");
