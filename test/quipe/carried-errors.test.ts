/** Errors arrive as errors of their class, with everything that can be carried, and never hide the failure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { QuipeBug, QuipeError } from "../../src/errors.ts";
import { fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";

function carried<T>(value: T): T {
  return fromParcel(toParcel(value)) as T;
}

for (const Kind of [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
]) {
  test(`a ${Kind.name} keeps class, message, stack, cause, code and own fields`, () => {
    const error = Object.assign(new Kind("wrong", { cause: { reason: [1] } }), {
      code: "E_X",
      details: { n: 1 },
    });
    const copy = carried(error);
    assert.equal(Object.getPrototypeOf(copy), Kind.prototype);
    assert.deepStrictEqual(copy, error);
    assert.equal(copy.stack, error.stack);
    assert.deepStrictEqual(Object.keys(copy), ["code", "details"]);
    assert.equal(Object.getOwnPropertyDescriptor(copy, "message")?.enumerable, false);
    assert.equal(Object.getOwnPropertyDescriptor(copy, "cause")?.enumerable, false);
  });
}

test("an error without a cause has none afterwards, an undefined cause stays", () => {
  assert.equal("cause" in carried(new Error("a")), false);
  assert.ok(Object.hasOwn(carried(new Error("a", { cause: undefined })), "cause"));
});

test("an error of the program's own class becomes its nearest built-in ancestor and keeps its name", () => {
  class HttpError extends TypeError {
    readonly status = 404;
    override name = "HttpError";
  }
  const copy = carried(new HttpError("not found"));
  assert.ok(copy instanceof TypeError);
  assert.equal(copy.name, "HttpError");
  assert.equal(copy.status, 404);
  assert.equal(String(copy), "HttpError: not found");
});

test("a cause may be any value and a long chain of errors", () => {
  const copy = carried(
    new Error("a", { cause: new RangeError("b", { cause: new Error("c", { cause: 7n }) }) }),
  );
  const b = copy.cause as RangeError;
  assert.ok(b instanceof RangeError);
  assert.equal((b.cause as Error).cause, 7n);
});

test("causes that form a cycle are carried as the same cycle", () => {
  const one = new Error("one") as Error & { peers?: unknown[] };
  const two = new TypeError("two", { cause: one });
  one.cause = two;
  one.peers = [one, two];
  const copy = carried(one);
  assert.equal((copy.cause as Error).cause, copy);
  assert.equal(copy.peers?.[0], copy);
  assert.equal(copy.peers?.[1], copy.cause);
  const self = new Error("self");
  self.cause = self;
  const selfCopy = carried(self);
  assert.equal(selfCopy.cause, selfCopy);
});

test("ten thousand errors in a chain arrive as far as makes sense, and the first one whole", () => {
  let error = new Error("innermost");
  for (let i = 0; i < 10_000; i++) error = new Error(`level ${i}`, { cause: error });
  const copy = carried(Object.assign(error, { code: "E_DEEP" }));
  assert.equal(copy.message, "level 9999");
  assert.equal((copy as { code?: string }).code, "E_DEEP");
  let depth = 0;
  let last: unknown = copy;
  while (last instanceof Error) [last, depth] = [last.cause, depth + 1];
  assert.ok(depth > 50);
  assert.match(String(last), /cut off/);
});

test("an AggregateError keeps its members, and they their classes", () => {
  const inner = new AggregateError([new SyntaxError("x"), "text"], "inner");
  const copy = carried(
    new AggregateError([new TypeError("a"), inner, () => 1], "outer", { cause: 1 }),
  );
  assert.ok(copy instanceof AggregateError);
  assert.equal(copy.message, "outer");
  assert.equal(copy.cause, 1);
  assert.ok(copy.errors[0] instanceof TypeError);
  assert.ok((copy.errors[1] as AggregateError).errors[0] instanceof SyntaxError);
  assert.match(String(copy.errors[2]), /^\[function /);
  assert.equal(Object.keys(copy).includes("errors"), false);
});

test("a list called `errors` on an ordinary error stays where it was", () => {
  const error = Object.assign(new Error("invalid"), {
    errors: [{ field: "a" }],
    name: "ValidationError",
  });
  const copy = carried(error);
  assert.deepStrictEqual(copy, error);
  assert.deepStrictEqual(Object.keys(copy), ["errors", "name"]);
});

test("a DOMException keeps name and code", () => {
  const copy = carried(new DOMException("stopped", "AbortError"));
  assert.ok(copy instanceof DOMException);
  assert.equal(copy.name, "AbortError");
  assert.equal(copy.message, "stopped");
  assert.equal(copy.code, DOMException.ABORT_ERR);
});

test("quipe's own errors keep class and code", () => {
  const copy = carried(new QuipeError("peer-killed", "gone", { cause: new Error("why") }));
  assert.ok(copy instanceof QuipeError);
  assert.equal(copy.code, "peer-killed");
  assert.equal(copy.name, "QuipeError");
  assert.equal((copy.cause as Error).message, "why");
  const bug = carried(new QuipeBug("odd"));
  assert.ok(bug instanceof QuipeBug);
  assert.equal(bug.message, new QuipeBug("odd").message);
});

test("the runtime's own errors keep their codes", async () => {
  const error = await import("node:fs/promises")
    .then((fs) => fs.readFile("/nowhere/to/be/found"))
    .catch((e: unknown) => e);
  const copy = carried(error as NodeJS.ErrnoException);
  assert.equal(copy.code, "ENOENT");
  assert.equal(copy.syscall, (error as NodeJS.ErrnoException).syscall);
  assert.match(copy.message, /ENOENT|No such file/);
});

test("an error of another realm arrives as an error of the same class of this one", () => {
  const foreign = vm.runInNewContext(
    "Object.assign(new RangeError('far'), { code: 'E_FAR' })",
  ) as RangeError & { code: string };
  const copy = carried(foreign);
  assert.ok(copy instanceof RangeError);
  assert.equal(copy.message, "far");
  assert.equal(copy.code, "E_FAR");
});

test("fields that cannot be sent become texts that describe them", () => {
  class Socket {}
  const error = Object.assign(new Error("broken", { cause: () => 1 }), {
    retry: function retry() {
      return 1;
    },
    key: Symbol("k"),
    socket: new Socket(),
    request: { socket: new Socket() },
    list: [() => 1],
    later: Promise.resolve(),
    fine: { a: 1 },
  });
  const copy = carried(error) as unknown as Record<string, unknown>;
  assert.match(String(copy["cause"]), /^\[function/);
  assert.equal(copy["retry"], "[function retry]");
  assert.equal(copy["key"], "[Symbol(k)]");
  assert.match(String(copy["socket"]), /Socket that cannot be sent/);
  assert.match(String(copy["request"]), /cannot be sent/);
  assert.match(String(copy["list"]), /cannot be sent/);
  assert.match(String(copy["later"]), /Promise/);
  assert.deepStrictEqual(copy["fine"], { a: 1 });
  assert.equal(copy["message"], "broken");
});

test("getters that throw do not hide the error that has them", () => {
  const error = new TypeError("outer");
  Object.defineProperty(error, "bad", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  Object.assign(error, {
    nested: {
      get bad(): never {
        throw new Error("neither");
      },
    },
  });
  Object.defineProperty(error, "stack", {
    get() {
      throw new Error("nor this");
    },
  });
  const copy = carried(error) as TypeError & { bad: string; nested: string };
  assert.ok(copy instanceof TypeError);
  assert.equal(copy.message, "outer");
  assert.match(copy.bad, /reading this threw Error: no/);
  assert.match(copy.nested, /reading this threw Error: neither/);
});

test("odd messages, names and stacks are put into words", () => {
  const odd = Object.assign(new Error(), { message: { toString: () => "an object" }, name: 5 });
  assert.match(String(Reflect.get(carried(odd), "message")), /function|cannot be sent/);
  const oldStyle = Object.create(Error.prototype, {
    message: { value: "no constructor ran" },
  }) as Error;
  const copy = carried(oldStyle);
  assert.ok(copy instanceof Error);
  assert.equal(copy.message, "no constructor ran");
  assert.notEqual(copy.stack, "undefined");
  const hostile = new Error("h");
  Object.defineProperty(hostile, "message", { value: Object.create(null) });
  assert.match(carried(hostile).message, /cannot be put into words/);
});

test("a field called `__proto__` gives the error no other prototype", () => {
  const error = new Error("p");
  Object.defineProperty(error, "__proto__", { value: { polluted: 1 }, enumerable: true });
  const copy = carried(error);
  assert.equal(Object.getPrototypeOf(copy), Error.prototype);
  assert.deepStrictEqual(Object.keys(copy), ["__proto__"]);
});

test("an error inside of data, met twice, is one error", () => {
  const error = new Error("shared");
  const copy = carried({ error, again: [error] });
  assert.ok(copy.error instanceof Error);
  assert.equal(copy.again[0], copy.error);
});

test("what `using` throws keeps both errors, where the runtime has the class", (t) => {
  if (!("SuppressedError" in globalThis)) return t.skip("this runtime has no SuppressedError");
  const copy = carried(new SuppressedError(new TypeError("late"), new RangeError("early"), "both"));
  assert.ok(copy.error instanceof TypeError);
  assert.ok(copy.suppressed instanceof RangeError);
  assert.equal(copy.message, "both");
});
