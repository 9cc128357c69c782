/**
 * Every export has a doc comment. Every public one also has an example that runs: a type may point to
 * a public name whose example shows it instead, with a link.
 */
import { posix } from "node:path";
import { exampleBlocks } from "../../scripts/example-source.ts";
import { exportedNames, reexportedNames } from "../../scripts/source-text.ts";
import type { ExportedName } from "../../scripts/source-text.ts";
import { isIn } from "./source.ts";
import type { Finding, Source } from "./source.ts";

/**
 * Exports of src/ without a doc comment. A layout file is a dictionary: a constant in capitals may
 * have its entry in the comment that opens the file.
 */
export function findUndocumentedExports(source: Source): Finding[] {
  if (!isIn(source, "src")) return [];
  const dictionary = /^(?:#!.*\n)?\/\*[\s\S]*?\*\//.exec(source.text)?.[0] ?? "";
  return exportedNames(source.text)
    .filter((exported) => exported.doc === undefined || exported.doc === "")
    .filter(
      ({ name }) => !/^[A-Z_0-9]+$/.test(name) || !new RegExp(`\\b${name}\\b`).test(dictionary),
    )
    .map(({ name, line }) => ({ path: source.path, line, what: `${name} has no doc comment` }));
}

/** Public names, listed in src/index.ts, that have no example or cannot be found. */
export function findPublicNamesWithoutExample(sources: readonly Source[]): Finding[] {
  const index = sources.find((source) => source.path === "src/index.ts");
  const found = new Map<string, ExportedName>();
  const findings: Finding[] = [];
  const places = new Map<string, string>();
  for (const { name, source, from } of reexportedNames(index?.text ?? "")) {
    const path = posix.join("src", from);
    const text = sources.find((candidate) => candidate.path === path)?.text ?? "";
    const exported = exportedNames(text).find((candidate) => candidate.name === source);
    if (exported === undefined) {
      findings.push({ path: "src/index.ts", line: 1, what: `${name} is not declared in ${path}` });
      continue;
    }
    found.set(name, exported);
    places.set(name, path);
  }
  for (const [name, exported] of found) {
    if (isShown(exported, found)) continue;
    const what = `${name} is public and has no @example${exported.isType ? ", nor a {@link} to a name that has one" : ""}`;
    findings.push({ path: places.get(name) ?? "", line: exported.line, what });
  }
  return findings;
}

function isShown(exported: ExportedName, all: ReadonlyMap<string, ExportedName>): boolean {
  const doc = exported.doc ?? "";
  if (exampleBlocks(doc).length > 0) return true;
  if (!exported.isType) return false;
  const links = [...doc.matchAll(/\{@link (\w+)/g)].map((match) => all.get(match[1] ?? ""));
  return links.some((link) => link !== undefined && exampleBlocks(link.doc ?? "").length > 0);
}
