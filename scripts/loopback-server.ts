/**
 * A small HTTP server on the loopback interface for pages that tests open in a browser: files of one folder, answers
 * made by functions, and the headers that make a page cross-origin isolated, unless a test asks for others.
 *
 *   server.answer("/page", …)      what is made         server.url + "dist/src/index.js"      what lies in the folder
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";

/** With these a page may use shared memory. */
export const ISOLATING_HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** What a page gets. */
export interface Answer {
  readonly body: string | Uint8Array;
  /** `text/html` unless said otherwise. */
  readonly type?: string;
  /** In place of {@link ISOLATING_HEADERS}. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** What the caller of an {@link Answer} asked for. */
export interface Question {
  readonly url: URL;
  readonly body: string;
}

/** How the files of a folder are served. */
export interface ServedFolder {
  readonly root: string;
  /** Headers besides the ones that isolate, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes the text of a script before it is sent. */
  readonly rewrite?: (text: string, url: URL) => string;
}

/** Every thread loads the modules that it needs again; a browser here lives shorter than any change to them. */
const CACHED: ReadonlySet<string> = new Set(["text/javascript", "application/json"]);

type Respond = (question: Question) => Answer | Promise<Answer>;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** A server that is listening. */
export class LoopbackServer {
  readonly #server: Server;
  readonly #folder: ServedFolder;
  readonly #made = new Map<string, Respond>();
  readonly #under = new Map<string, Respond>();

  private constructor(folder: ServedFolder) {
    this.#folder = folder;
    this.#server = createServer((request, response) => void this.#respond(request, response));
  }

  /** Starts one on a port that is free. */
  static async start(folder: ServedFolder): Promise<LoopbackServer> {
    const made = new LoopbackServer(folder);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  /** Where it is, with a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Answers a path by a function instead of a file. */
  answer(path: string, respond: Respond): void {
    this.#made.set(path, respond);
  }

  /** Answers all paths that begin with `prefix` by a function. */
  answerUnder(prefix: string, respond: Respond): void {
    this.#under.set(prefix, respond);
  }

  /** Stops listening, and ends what is connected. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const answer: Answer = await this.#answerTo(url, request).catch((error: unknown) => ({
      body: String(error),
      type: "text/plain",
      status: 404,
    }));
    const { body, type = "text/html", headers = this.#headers, status = 200 } = answer;
    response.writeHead(status, {
      "Content-Type": `${type}; charset=utf-8`,
      "Cache-Control": CACHED.has(type) ? "max-age=600" : "no-store",
      ...headers,
    });
    response.end(body);
  }

  get #headers(): Readonly<Record<string, string>> {
    return this.#folder.headers ?? ISOLATING_HEADERS;
  }

  async #answerTo(url: URL, request: IncomingMessage): Promise<Answer> {
    const prefix = [...this.#under.keys()].find((one) => url.pathname.startsWith(one));
    const respond = this.#made.get(url.pathname) ?? this.#under.get(prefix ?? "");
    if (respond !== undefined) return await respond({ url, body: await bodyOf(request) });
    return await this.#fileAt(url);
  }

  async #fileAt(url: URL): Promise<Answer> {
    const { root, rewrite } = this.#folder;
    const path = normalize(join(root, decodeURIComponent(url.pathname)));
    if (!path.startsWith(root + sep)) throw new Error(`no such file: ${url.pathname}`);
    const bytes = await readFile(path);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    if (rewrite === undefined || type !== "text/javascript") return { body: bytes, type };
    return { body: rewrite(bytes.toString("utf8"), url), type };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
