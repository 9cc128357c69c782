/** A helper that the main thread never loads: it comes into the bundle of the tasks alone. */

/** Whether `x` is a prime number. */
export function isPrime(x: number): boolean {
  for (let factor = 2; factor * factor <= x; factor++) {
    if (x % factor === 0) return false;
  }
  return x > 1;
}
