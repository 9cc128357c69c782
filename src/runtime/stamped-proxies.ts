/**
 * What private fields on Proxies hold, kept beside them for an engine that loses it: in SpiderMonkey (Firefox 140)
 * `proxy.#field` is undefined at a place that has met some kinds of objects. So there a Proxy that is to get private fields
 * has a mirror of them, which is asked in their stead; elsewhere there are no mirrors, and nothing is looked up.
 */

/** What private fields of a Proxy hold, by name. */
export type Mirror = Record<string, unknown>;

const mirrors: WeakMap<object, Mirror> | undefined =
  "InternalError" in globalThis ? new WeakMap() : undefined;

/** To be called before private fields are put on a Proxy. */
export function mirrorStamps(proxy: object): void {
  mirrors?.set(proxy, {});
}

/** The mirror of a Proxy; undefined for everything else. */
export function mirrorOf(value: object): Mirror | undefined {
  return mirrors === undefined ? undefined : mirrors.get(value);
}
