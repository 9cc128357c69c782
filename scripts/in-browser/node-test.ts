/**
 * What tests use of `node:test`, for browsers: tests are collected while their file is loaded, and run one after the other
 * when `runTests` is called. A thread that nobody calls it on, such as one of quipe's that loads the file for
 * a task in it, collects them in vain.
 */

/** What became of a test. */
export interface TestReport {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it was skipped, or how it failed. */
  readonly detail: string;
}

interface TestOptions {
  readonly skip?: boolean | string | undefined;
  readonly todo?: boolean | string | undefined;
  readonly timeout?: number | undefined;
}

interface TestContext {
  readonly name: string;
  skip(reason?: string): void;
  diagnostic(text: string): void;
  after(fn: Hook): void;
  test(name: string, ...rest: [Body] | [TestOptions, Body]): Promise<void>;
}

type Hook = () => unknown;
type Body = (context: TestContext) => unknown;

interface Collected {
  readonly name: string;
  readonly options: TestOptions;
  readonly body: Body;
}

const collected: Collected[] = [];
const hooks: Record<"before" | "after" | "beforeEach" | "afterEach", Hook[]> = {
  before: [],
  after: [],
  beforeEach: [],
  afterEach: [],
};

/** Collects a test. */
export function test(name: string, ...rest: [Body] | [TestOptions, Body]): Promise<void> {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  collected.push({ name, options, body });
  return Promise.resolve();
}

/** Calls `fn` before the tests. */
export function before(fn: Hook): void {
  hooks.before.push(fn);
}

/** Calls `fn` after the tests. */
export function after(fn: Hook): void {
  hooks.after.push(fn);
}

/** Calls `fn` before each test. */
export function beforeEach(fn: Hook): void {
  hooks.beforeEach.push(fn);
}

/** Calls `fn` after each test. */
export function afterEach(fn: Hook): void {
  hooks.afterEach.push(fn);
}

export { test as default, test as it };

/** What cannot be asked of this place, as a reason to skip a test that failed by it. */
export type Excuse = (error: unknown) => string | undefined;

/** How tests are run. */
export interface TestRun {
  readonly tell: (report: TestReport | { readonly begins: string }) => void;
  readonly excuse: Excuse;
  /** Whether an error that nothing has caught is no fault of the running test. */
  readonly isLeftOver: (error: unknown) => boolean;
  /** The names of those to run, if not of all. */
  readonly wanted: readonly string[] | undefined;
}

/** Runs what was collected, tells of each test as it begins and ends, and has forgotten it then. */
export async function runTests({ tell, excuse, isLeftOver, wanted }: TestRun): Promise<void> {
  listenToStray(isLeftOver);
  for (const hook of hooks.before) await hook();
  for (const one of collected.filter(({ name }) => wanted?.includes(name) ?? true)) {
    tell({ begins: one.name });
    stray.length = 0;
    tell(await reportOf(one, excuse));
  }
  for (const hook of hooks.after) await hook();
  collected.length = 0;
  for (const list of Object.values(hooks)) list.length = 0;
}

async function reportOf(one: Collected, excuse: Excuse): Promise<TestReport> {
  const { name, options } = one;
  if (options.skip !== undefined && options.skip !== false)
    return { name, result: "skipped", detail: reasonIn(options.skip) };
  const context = new RunningTest(name);
  try {
    for (const hook of hooks.beforeEach) await hook();
    await one.body(context);
    await context.end();
    for (const hook of hooks.afterEach) await hook();
    await turn(); // what nothing has caught is told by then
    const uncaught = stray.find(({ event }) => event.defaultPrevented !== true);
    if (uncaught !== undefined) throw uncaught.error;
  } catch (error) {
    await context.end().catch(() => {});
    await turn(); // or what nothing has caught here is told in the next test
    const why = context.skipped ?? excuse(error);
    if (why !== undefined) return { name, result: "skipped", detail: why };
    return { name, result: "failed", detail: inDetail(error) };
  }
  if (context.skipped !== undefined) return { name, result: "skipped", detail: context.skipped };
  return { name, result: "passed", detail: "" };
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve));
}

function reasonIn(skip: boolean | string): string {
  return typeof skip === "string" && skip !== "" ? skip : "no reason given";
}

class RunningTest implements TestContext {
  readonly name: string;
  skipped: string | undefined;
  readonly #after: Hook[] = [];

  constructor(name: string) {
    this.name = name;
  }

  skip(reason?: string): void {
    this.skipped = reason ?? "no reason given";
  }

  diagnostic(text: string): void {
    console.log(`${this.name}: ${text}`);
  }

  after(fn: Hook): void {
    this.#after.push(fn);
  }

  /** A test in a test: it fails the outer one. */
  async test(name: string, ...rest: [Body] | [TestOptions, Body]): Promise<void> {
    const [options, body] = rest.length === 1 ? [{} as TestOptions, rest[0]] : rest;
    if (options.skip !== undefined && options.skip !== false) return;
    const inner = new RunningTest(`${this.name} > ${name}`);
    await body(inner);
    await inner.end();
  }

  async end(): Promise<void> {
    for (const hook of this.#after.splice(0)) await hook();
  }
}

/** The error with its stack, and those behind it. */
export function inDetail(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const stack = error.stack ?? "";
  const text = stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
  const members = error instanceof AggregateError ? error.errors : [];
  const behind = [...(members as unknown[]), ...(error.cause === undefined ? [] : [error.cause])];
  return [text, ...behind.map((one) => `caused by ${inDetail(one)}`)].join("\n");
}

interface StrayEvent {
  readonly defaultPrevented?: boolean;
  readonly error?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
}

interface EventScope {
  addEventListener(type: string, handler: (event: StrayEvent) => void): void;
}

/** What nothing has caught since the running test began, unless the test says by `preventDefault` that it has. */
const stray: { readonly event: StrayEvent; readonly error: unknown }[] = [];
let isListening = false;

function listenToStray(isLeftOver: (error: unknown) => boolean): void {
  if (isListening) return;
  isListening = true;
  const scope = globalThis as unknown as EventScope;
  const hear = (event: StrayEvent, error: unknown): void => {
    if (!isLeftOver(error)) stray.push({ event, error });
  };
  scope.addEventListener("error", (event) =>
    hear(event, event.error ?? new Error(String(event.message))),
  );
  scope.addEventListener("unhandledrejection", (event) => hear(event, event.reason));
}
