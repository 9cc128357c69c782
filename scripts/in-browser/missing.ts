/**
 * Stands for what a browser does not have: whoever uses it gets an error that names it, by which a test that needs it is
 * known to be skipped and why.
 */

/** How such an error begins. */
const PREFIX = "This needs ";

/** Something of a module of Node, such as `readFileSync` of `node:fs`; it may be named, and not used. */
export function missing(module: string, name: string): unknown {
  const refuse = (): never => {
    throw new Error(`${PREFIX}${name} of ${module}, which a browser does not have.`);
  };
  return new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get: (_target, key) => (key === "prototype" ? Object.prototype : refuse()),
  });
}

/** What a test needs that a browser does not have, if that is why it failed; also on another thread. */
export function missingIn(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const found = /This needs (.+ of node:.+), which a browser does not have\./.exec(at.message);
    if (found !== null) return `needs ${found[1]}, which a browser does not have`;
  }
  return undefined;
}
