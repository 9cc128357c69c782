/**
 * Reads the JUnit report that a runtime wrote about one test file.
 *
 * All runtimes can write one, each with its own habits: Node nests suites and tells the reason of a
 * skip, Bun shows no subtests, Deno lists a group and its members side by side ("group > member") and
 * keeps reasons to itself. What is read here is what all of them agree on: the leaves.
 */

/** One test, as the runtime reported it. */
export interface TestCase {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it was skipped, where the runtime says so. */
  readonly reason?: string;
}

/** All tests of a file; `complete` is false if the process ended before the report did. */
export interface JunitReport {
  readonly complete: boolean;
  readonly cases: readonly TestCase[];
}

const testCase = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/** The tests of one top-level suite of Node's report, and how long they took. */
export interface Suite {
  readonly durationMs: number;
  readonly cases: readonly TestCase[];
}

/**
 * The top-level suites of a report that Node wrote, by their names; undefined if the report is not complete. A suite
 * that threw instead of declaring tests is one failed case of its own name, one without tests has no cases.
 */
export function readSuites(xml: string): ReadonlyMap<string, Suite> | undefined {
  if (!xml.includes("</testsuites>")) return undefined;
  const suites = new Map<string, Suite>();
  const topLevel = /^\t<testsuite\b([^>]*)>\n([\s\S]*?)^\t<\/testsuite>/gm;
  for (const [, attributes = "", body = ""] of xml.matchAll(topLevel)) {
    const durationMs = 1000 * Number(attribute(attributes, "time") ?? 0);
    const { cases } = readJunitReport(body);
    suites.set(attribute(attributes, "name") ?? "", { durationMs, cases });
  }
  const alone = /^\t<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)^\t<\/testcase>)/gm;
  for (const [, attributes = "", body = ""] of xml.matchAll(alone)) {
    const one = readCase(attributes, body);
    suites.set(one.name, { durationMs: 0, cases: one.result === "failed" ? [one] : [] });
  }
  return suites;
}

/** Reads a report; an empty text is a report that was never begun. */
export function readJunitReport(xml: string): JunitReport {
  const cases = [...xml.matchAll(testCase)].map((match) =>
    readCase(match[1] ?? "", match[2] ?? ""),
  );
  const leaves = cases.filter(
    (candidate) =>
      candidate.result === "failed" ||
      !cases.some((other) => other.name.startsWith(`${candidate.name} > `)),
  );
  return { complete: xml.includes("</testsuites>"), cases: leaves };
}

function readCase(attributes: string, body: string): TestCase {
  const name = attribute(attributes, "name") ?? "(no name)";
  if (/<(failure|error)\b/.test(body)) return { name, result: "failed" };
  const skipped = /<skipped\b([^>]*)/.exec(body);
  if (skipped === null) return { name, result: "passed" };
  const reason = attribute(skipped[1] ?? "", "message");
  return reason === undefined || reason === "true"
    ? { name, result: "skipped" }
    : { name, result: "skipped", reason };
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll(/&apos;|&#39;/g, "'")
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}
