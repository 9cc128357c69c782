/** Errors arrive as errors of their class, with everything that can be carried, and never hide the failure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import { QuipeBug, QuipeError } from "../../src/errors.ts";
import { registerClass } from "../../src/memory/classes.ts";
import { fromParcel } from "../../src/quipe/decode.ts";
import { toParcel } from "../../src/quipe/parcels.ts";
import { withoutFiles } from "../here.ts";

function carried<T>(value: T): T {
  return fromParcel(toParcel(value)) as T;
}

/** The stack of an error below a head, which Firefox does not give it. */
function headed({ name, message, stack = "" }: Error): string {
  return stack.includes(message) ? stack : `${name}: ${message}\n${stack.trimEnd()}`;
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
    assert.equal(copy.stack, headed(error));
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

let constructed = 0;

class PaymentError extends RangeError {
  readonly amount: number;

  constructor(amount: number, cause?: unknown) {
    super(`${amount} is too much`, { cause });
    constructed += 1;
    this.amount = amount;
  }

  inCents(): number {
    return this.amount * 100;
  }
}
class RefundError extends PaymentError {}
registerClass(PaymentError, "carried-errors PaymentError");

test("an error of a registered class keeps it, and no constructor runs", () => {
  const error = new PaymentError(7, new PaymentError(8));
  const before = constructed;
  const copy = carried(error);
  assert.equal(constructed, before);
  assert.equal(Object.getPrototypeOf(copy), PaymentError.prototype);
  assert.ok(copy instanceof RangeError);
  assert.equal(copy.inCents(), 700);
  assert.equal((copy.cause as PaymentError).inCents(), 800);
  assert.equal(Object.hasOwn(copy, "name"), false);
  assert.deepStrictEqual(copy, error);
});

test("an error of a class below a registered one becomes that, and says what it was", () => {
  const copy = carried(new RefundError(1));
  assert.equal(Object.getPrototypeOf(copy), PaymentError.prototype);
  assert.match(copy.stack ?? "", /^RefundError: 1 is too much\n/);
});

test("the stack of an error of an unknown class begins with the name of that class", () => {
  class QuotaError extends Error {}
  const copy = carried(new QuotaError("used up"));
  assert.match(copy.stack ?? "", /^QuotaError: used up\n/);
  assert.equal(copy.name, "Error");
  assert.doesNotMatch(carried(new Error("plain")).stack ?? "", /Error.*Error/);
});

test("code and cause that the class has as getters are carried as properties", () => {
  class Wrapped extends Error {
    get code(): string {
      return "E_WRAPPED";
    }
    override get cause(): unknown {
      return 5;
    }
  }
  const copy = carried(new Wrapped("w")) as Error & { code: string };
  assert.equal(copy.code, "E_WRAPPED");
  assert.equal(copy.cause, 5);
  assert.deepEqual(Object.keys(copy), []);
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

// docs/runtimes.md: files
test("the runtime's own errors keep their codes", { skip: withoutFiles }, async () => {
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
  assert.match(inspect(copy["request"]), /an instance of Socket that cannot be sent/);
  assert.deepStrictEqual(copy["list"], ["[function without a name]"]);
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
  const copy = carried(error) as TypeError & { bad: string; nested: { bad: string } };
  assert.ok(copy instanceof TypeError);
  assert.equal(copy.message, "outer");
  assert.match(copy.bad, /reading this threw Error: no/);
  assert.match(copy.nested.bad, /reading this threw Error: neither/);
});

test("odd messages, names and stacks are put into words", () => {
  const odd = Object.assign(new Error(), { message: { toString: () => "an object" }, name: 5 });
  assert.equal(carried(odd).message, "an object");
  assert.equal(String(carried(odd)), "5: an object");
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

test("what is no text as a stack gives way to what the error says", () => {
  for (const stack of [undefined, 5, [], {}, ""]) {
    const error = new RangeError("no trace");
    Object.defineProperty(error, "stack", { value: stack, configurable: true });
    assert.equal(carried(error).stack, "RangeError: no trace");
  }
  assert.equal(carried(Object.defineProperty(new Error(), "stack", { value: 0 })).stack, "Error");
});

test("Proxies of errors arrive as errors, whatever they refuse", () => {
  const open = carried(new Proxy(new TypeError("behind"), {}));
  assert.ok(open instanceof TypeError);
  assert.equal(open.message, "behind");
  const refuse = (): never => {
    throw new Error("not that");
  };
  const closed = new Proxy(new TypeError("hidden"), { ownKeys: refuse, get: refuse });
  const copy = carried(closed);
  assert.ok(copy instanceof TypeError);
  assert.match(copy.message, /reading this threw Error: not that/);
});

test("objects keep their identity around one that could not be sent, be there few or many", () => {
  for (const count of [1, 6, 7, 8, 9, 50]) {
    const many = Array.from({ length: count }, (_, i) => ({ i }));
    const hopeless = new Proxy(new Map(), {
      get() {
        throw new Error("no keys");
      },
    });
    const data = Object.assign(new Error("e"), {
      many,
      list: [...many, hopeless, [hopeless], new Date(Number.NaN)],
      again: many.toReversed === undefined ? [...many].reverse() : many.toReversed(),
    });
    const copy = carried(data);
    copy.again.forEach((item, i) => assert.equal(item, copy.many[count - 1 - i]));
    assert.match(inspect(copy.list[count]), /reading this threw Error: no keys/);
  }
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

// docs/runtimes.md: suppressed-errors
test("what `using` throws keeps both errors, where the runtime has the class", (t) => {
  if (!("SuppressedError" in globalThis))
    return t.skip("this runtime has no SuppressedError [suppressed-errors]");
  const copy = carried(new SuppressedError(new TypeError("late"), new RangeError("early"), "both"));
  assert.ok(copy.error instanceof TypeError);
  assert.ok(copy.suppressed instanceof RangeError);
  assert.equal(copy.message, "both");
});
