/**
 * What a bundler has done to the file of a task that does not load. Bundlers know the file of a worker only in a few
 * places (docs/guide/bundlers.md). Elsewhere they copy TypeScript as it was written, under a name of their own, or
 * leave the file out; browsers then say next to nothing.
 */
import { QuipeError, inWords } from "../errors.ts";
import { runtimeName } from "./host.ts";
import { ownFolder } from "./own-files.ts";

const INSTEAD =
  "Use quipe's plugin for Vite, esbuild or Rolldown, or write the file out in the function that makes its worker: " +
  '{ worker: () => new Worker(new URL("./file.ts", import.meta.url), { type: "module" }) }.';

/** How bundlers call what they copy, each by its habit; the first that fits. */
const HABITS: readonly (readonly [name: RegExp, bundler: string])[] = [
  [/^data:video\/mp2t[;,]/, "Vite"],
  [/(?:^|\/)[0-9a-f]{16,32}\.[cm]?tsx?(?:[?#]|$)/, "webpack"],
  [/-[A-Z2-7]{8}\.[cm]?tsx?(?:[?#]|$)/, "esbuild"],
  [/-(?=[a-z_]*[A-Z\d])(?=[A-Z\d]*[a-z_])[\w-]{8}\.[cm]?tsx?(?:[?#]|$)/, "Vite or Rolldown"],
];

/** Whether a URL is that of TypeScript. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?(?:[?#]|$)/.test(url) || /^data:video\/mp2t[;,]/.test(url);
}

/** What a bundler has done to the file at a URL that does not load, and what to write; undefined if nothing. */
export async function sayIfBundled(url: string): Promise<string | undefined> {
  const bundler = copierOf(url);
  if (bundler !== undefined) return copied(url, bundler);
  if (runtimeName() === "browser") return await whatIsServed(url);
  const isLeftOut = ownFolder() === undefined && url.startsWith("file:") && !fileExists(url);
  return isLeftOut ? `${url} is not there: the bundler has left it out. ${INSTEAD}` : undefined;
}

/** The bundler that a name of a TypeScript file tells of. */
export function copierOf(url: string): string | undefined {
  if (!isTypeScript(url)) return undefined;
  return HABITS.find(([name]) => name.test(url))?.[1];
}

/** What there is to say of such a file. */
export function copied(url: string, bundler: string): string {
  return `${shortened(url)} is TypeScript as it was written: ${bundler} has copied the file without compiling it. ${INSTEAD}`;
}

function fileExists(url: string): boolean {
  return process.getBuiltinModule("node:fs").existsSync(new URL(url));
}

async function whatIsServed(url: string): Promise<string | undefined> {
  const response = await fetch(url).catch(() => undefined);
  if (response === undefined) return undefined;
  const type = response.headers.get("content-type") ?? "nothing";
  if (!response.ok || /^text\/html\b/.test(type)) {
    const answer = response.ok ? "a page of HTML" : `status ${response.status}`;
    return `${url} is not there: the server answers with ${answer}. If a bundler made this program, it has left the file out. ${INSTEAD}`;
  }
  if (!isTypeScript(url) || /\b(?:java|ecma)script\b/.test(type)) return undefined;
  return `${url} is TypeScript as it was written, sent as ${type}: a bundler has copied the file without compiling it. ${INSTEAD}`;
}

/** What is thrown where quipe's own worker does not load: in a bundle, with what may be behind it. */
export function ownWorkerError(error: unknown): Error {
  if (ownFolder() !== undefined) return error instanceof Error ? error : new Error(inWords(error));
  const [what = ""] = inWords(error).split("\n");
  const begin = "The worker file of quipe does not load";
  const text = what.startsWith(begin) ? what : `${begin}: ${what}.`;
  return new QuipeError(
    "module-not-loaded",
    `${text} If it is not there, a bundler has left it out. ${INSTEAD}`,
    { cause: error },
  );
}

/** A page's names, which no module of tasks needs. */
const NAMES_OF_PAGES =
  /^(?:document|window|localStorage|alert) is not defined|variable: (?:document|window)\b/;

/** Says that code of a page has come along with a task, if that is what failed. */
export function sayIfPage(error: unknown): string | undefined {
  if (!(error instanceof ReferenceError) || !NAMES_OF_PAGES.test(error.message)) return undefined;
  return `${error.message}: code of the page has come along. If a bundler put it into one file with the task, ${INSTEAD.replace("Use", "use")}`;
}

function shortened(url: string): string {
  return url.length > 100 ? `${url.slice(0, 60)}…` : url;
}
