/**
 * Which files are quipe's own, for stacks that leave them out. In a bundle nobody can tell: the code of the program
 * is in the same files.
 */

/** Where this file is in quipe's folder, unless a bundler has put it elsewhere; a server may add a query. */
const PLACE_HERE = /(?<=\/src\/)runtime\/[\w-]+\.[jt]s(?:\?.*)?$/;

/** webpack says where this file was when it was bundled. */
declare const __webpack_require__: unknown;

/** Whether webpack has bundled quipe. */
export function isWebpack(): boolean {
  return typeof __webpack_require__ === "function";
}

/** The URL of the folder that holds quipe's files; undefined in a bundle. */
export function ownFolder(): string | undefined {
  if (isWebpack()) return undefined;
  const here = import.meta.url;
  return PLACE_HERE.test(here) ? here.replace(PLACE_HERE, "") : undefined;
}

/** The folders of quipe's files as stacks name them, compiled and by source maps; none in a bundle. */
export function ownFolders(): readonly string[] {
  const folder = ownFolder();
  if (folder === undefined) return [];
  const { pathname } = new URL(folder);
  return [pathname, pathname.replace("/dist/", "/")];
}
