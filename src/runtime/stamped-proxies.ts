/**
 * Proxies that bear private fields, for an engine that forgets it: SpiderMonkey (Firefox 140) answers `#field in proxy` with
 * false once the same place has met some kinds of ordinary objects, while `proxy.#field` still reads it. So such Proxies
 * are noted there, and a no is asked again by reading.
 */

const noted: WeakSet<object> | undefined =
  "InternalError" in globalThis ? new WeakSet() : undefined;

/** Notes a Proxy on which private fields were put. */
export function noteStamped(proxy: object): void {
  noted?.add(proxy);
}

/** Whether `#field in value` may be a wrong no. */
export function mayBeStamped(value: object): boolean {
  return noted !== undefined && noted.has(value);
}

/** What `read` reads from a private field of a noted Proxy; undefined if that has no such field. */
export function readStamp<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
