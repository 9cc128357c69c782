/**
 * The layers: a folder of src/ imports only from those to its left.
 *
 *   errors · runtime → sync → memory → quipe → namespace → task → pool → inspect | remote → cli
 *
 * index.ts stands beside them: it passes on public names of all but inspect, remote and cli, and only
 * the command may use it. bundlers/ stands apart: it is for programs that build, so it imports nothing of the others,
 * but modules of Node and the types of bundlers.
 */
import { posix } from "node:path";
import { findingAt, isIn } from "./source.ts";
import type { Finding, Source } from "./source.ts";

const layers = [
  "errors.ts",
  "runtime",
  "sync",
  "memory",
  "quipe",
  "namespace",
  "task",
  "pool",
  "inspect",
  "remote",
  "cli",
];

/** Beside the layers. */
const APART = "bundlers";
const BUNDLERS = ["esbuild", "vite"];

/** A module that a source names in an import or a re-export. */
interface ImportedModule {
  readonly name: string;
  readonly offset: number;
  /** True if only types are imported, which leaves nothing in the compiled file. */
  readonly typesOnly: boolean;
}

/** Imports of src/ that cross the layers the wrong way, or leave src/ where they must not. */
export function findLayerBreaks(source: Source): Finding[] {
  if (!isIn(source, "src")) return [];
  const own = layerOf(source.path);
  if (own !== "index.ts" && own !== APART && !layers.includes(own)) {
    return [findingAt(source, 0, `"${own}" is no layer; add it to the list with its place`)];
  }
  return importedModules(source).flatMap(({ name, offset, typesOnly }) => {
    if (typesOnly && name.startsWith("node:")) return [];
    if (typesOnly && own === APART && BUNDLERS.includes(name)) return [];
    const objection = objectionTo(source.path, own, name);
    return objection === undefined ? [] : [findingAt(source, offset, objection)];
  });
}

function objectionTo(path: string, own: string, name: string): string | undefined {
  if (!name.startsWith(".")) return objectionToPackage(own, name);
  const target = posix.join(posix.dirname(path), name);
  if (!target.startsWith("src/")) return `src/ may not import from outside: ${name}`;
  const other = layerOf(target);
  if (other === own) return undefined;
  if (own === "index.ts") {
    const optional = ["inspect", "remote", "cli", APART].includes(other);
    return optional ? `index.ts may not import ${other}: the core stays small` : undefined;
  }
  if (other === "index.ts") {
    return own === "cli" ? undefined : `${own} may not import index.ts, which stands above it`;
  }
  const siblings = own === "remote" && other === "inspect";
  const below = layers.includes(other) && layers.indexOf(other) < layers.indexOf(own);
  return below && !siblings ? undefined : `${own} may not import from ${other}`;
}

function objectionToPackage(own: string, name: string): string | undefined {
  if (own === "cli") return undefined;
  if (own === APART && name.startsWith("node:")) return undefined;
  if (!name.startsWith("node:")) return `only the command may depend on a package: ${name}`;
  return own === "runtime" ? undefined : `only src/runtime may import ${name} statically`;
}

/** "src/memory/layout.ts" is in the layer "memory"; "src/errors.ts" is one by itself. */
function layerOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function importedModules(source: Source): ImportedModule[] {
  const pattern = /\b(?:from|import)\s*\(?\s*"([^"\n]+)"/g;
  return [...source.text.matchAll(pattern)]
    .filter((match) => source.code[match.index] === source.text[match.index])
    .map((match) => ({
      name: match[1] ?? "",
      offset: match.index,
      typesOnly: /(?:^|\n)(?:import|export) type\b[^;]*$/.test(source.code.slice(0, match.index)),
    }));
}
