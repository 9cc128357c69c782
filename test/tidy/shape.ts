/**
 * How a file is named, how long it is, and how it begins.
 */
import { isIn, isTypeScript } from "./source.ts";
import type { Finding, Source } from "./source.ts";

const longestFile = 400;
const emptyNames = new Set(["utils", "util", "common", "misc", "helpers", "helper", "types"]);

/** Source files and tests that are too long to be about one thing. */
export function findLongFiles(source: Source): Finding[] {
  if (!isTypeScript(source)) return [];
  const lines = source.text.trimEnd().split("\n").length;
  if (lines <= longestFile) return [];
  return [{ path: source.path, line: lines, what: `${lines} lines; ${longestFile} are enough` }];
}

/** Files and folders named after nothing, or not in kebab-case. */
export function findBadNames(source: Source): Finding[] {
  if (!isTypeScript(source)) return [];
  const parts = source.path.split("/").map((part) => part.replace(/(\.test|\.d)?\.ts$/, ""));
  return parts.flatMap((part) => {
    if (emptyNames.has(part))
      return [{ path: source.path, line: 1, what: `"${part}" says nothing` }];
    if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)) return [];
    return [{ path: source.path, line: 1, what: `"${part}" is not kebab-case` }];
  });
}

/** Files of src/ that do not open with a comment of their own. */
export function findMissingHeaders(source: Source): Finding[] {
  if (!isTypeScript(source) || !isIn(source, "src")) return [];
  const opening = /^(?:#!.*\n)?\/\*[\s\S]*?\*\/\n(.*)/.exec(source.text);
  const complaint = (what: string): Finding[] => [{ path: source.path, line: 1, what }];
  if (opening === null) return complaint("open with a comment: what this is, and what must hold");
  if (/^(?:export|function|class|const|interface|type)\b/.test(opening[1] ?? "")) {
    return complaint(
      "the opening comment belongs to the first declaration; the file needs its own",
    );
  }
  return [];
}
