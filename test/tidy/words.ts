/**
 * Words that do not belong: notes to oneself, places of one machine, ways around the types, output
 * where there is none, atomics outside their module.
 *
 * The rules of this folder have to name what they ban, so the folder itself is left out.
 */
import { findMatches, findingAt, isIn, isTypeScript } from "./source.ts";
import type { Finding, Source } from "./source.ts";

const shortestSleepMs = 100;

/** Words that no text of the project may have. */
export function findBannedWords(source: Source): Finding[] {
  if (isTidyItself(source)) return [];
  return [
    ...findMatches(source, "text", /\b(?:TODO|FIXME|XXX|HACK)\b/g, "finish it or file it"),
    ...findMatches(
      source,
      "text",
      /(?<![\w.~-])\/(?:root|work|home\/\w+)\/[\w.-]+/g,
      "a path of one machine",
    ),
  ];
}

/** Words that no code of src/ may have, each with the place where it is allowed. */
export function findBannedCode(source: Source): Finding[] {
  if (!isTypeScript(source) || isTidyItself(source)) return [];
  const anyType = findMatches(
    source,
    "code",
    /(?<![\w$.])any(?![\w$]|\s*[:(=?])/g,
    "a way around the types",
  );
  if (!isIn(source, "src")) return anyType;
  const found = [...anyType];
  if (!isIn(source, "src/cli")) {
    found.push(...findMatches(source, "code", /\bconsole\.\w+/g, "only the command prints"));
  }
  if (source.path !== "src/runtime/atomics.ts") {
    found.push(...findMatches(source, "code", /\bAtomics\./g, "use src/runtime/atomics.ts"));
  }
  return found;
}

/** Exports and statements of a shape that the style refuses. */
export function findBannedShapes(source: Source): Finding[] {
  if (!isTypeScript(source)) return [];
  const found = findMatches(source, "code", /^export default\b/gm, "name what you export");
  if (!isIn(source, "src")) return found;
  found.push(...findMatches(source, "code", /^export \*/gm, "list the names"));
  if (source.path !== "src/index.ts") {
    const passedOn = /^export (?:type )?\{[^}]*\} from/gm;
    found.push(...findMatches(source, "code", passedOn, "only index.ts passes names on"));
  }
  const waits = /^(?:await\b|for await\b|(?:export )?(?:const|let)\b[^;{]*?=\s*await\b)/gm;
  found.push(...findMatches(source, "code", waits, "a module may not wait while it loads"));
  return found;
}

/** Timers in tests that only let time pass: a sleep is either too short or too long. */
export function findSleeps(source: Source): Finding[] {
  if (!isTypeScript(source) || !isIn(source, "test") || isTidyItself(source)) return [];
  const call = /(?<![\w$])(?:setTimeout|sleep|delay)\(/g;
  return [...source.code.matchAll(call)].flatMap((match) => {
    const end = match.index + match[0].length;
    const longest = Math.max(0, ...numbersAmong(callArguments(source.code, end)));
    if (longest < shortestSleepMs) return [];
    return [findingAt(source, match.index, `wait for what happens, not for ${longest} ms`)];
  });
}

/** The arguments of a call whose opening bracket lies right before `from`. */
function callArguments(code: string, from: number): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of code.slice(from)) {
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
    if (depth < 0) break;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function numbersAmong(texts: readonly string[]): number[] {
  return texts
    .filter((text) => /^[\d_]+(?:\.\d+)?(?:e\d+)?$/.test(text))
    .map((text) => Number(text.replaceAll("_", "")));
}

function isTidyItself(source: Source): boolean {
  return source.path.startsWith("test/tidy");
}
