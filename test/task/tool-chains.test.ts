/**
 * Inline functions as tool chains rewrite them. Each text is what the tool named made of one line of
 * TypeScript; names of files are the only thing that was changed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { inlineEntry } from "../../src/task/inline.ts";
import { spawn } from "../../src/task/spawn.ts";
import { withoutParser } from "../here.ts";

type Inline = (...args: unknown[]) => unknown;

function written(text: string): Inline {
  return new Function(`"use strict"; return (${text}\n);`)() as Inline;
}

function refusal(text: string): string {
  try {
    inlineEntry(written(text), []);
    return "";
  } catch (error) {
    assert.ok(error instanceof QuipeError && error.code === "not-isolated", String(error));
    return error.message;
  }
}

const runs: readonly (readonly [tool: string, text: string, argument: unknown, result: unknown])[] =
  [
    [
      "tsx 4.23",
      'list=>{const double=__name(x=>x*2,"double");class Box{static{__name(this,"Box")}value=1;static made=2;#secret=3;get secret(){return this.#secret}}function inner(){return new Box().secret}__name(inner,"inner");return list.map(double).length+inner()}',
      [1, 2],
      5,
    ],
    [
      "tsx 4.23, import()",
      'async()=>(await import("node:path").then(s=>{const e="default";return s[e]&&typeof s[e]=="object"&&"__esModule"in s[e]?s[e]:s})).basename("/a/b")',
      undefined,
      "b",
    ],
    [
      "esbuild 0.28, keepNames",
      `(list) => {
    const double = /* @__PURE__ */ __name((x) => x * 2, "double");
    class Box {
      static {
        __name(this, "Box");
      }
      value = 1;
    }
    return list.map(double).length + new Box().value;
  }`,
      [1, 2],
      3,
    ],
    [
      "esbuild 0.28, target ES2021",
      `(list) => {
    class Box {
      constructor() {
        __publicField(this, "value", 1);
      }
    }
    __publicField(Box, "made", 2);
    return list.length + new Box().value + Box.made;
  }`,
      [1, 2],
      5,
    ],
    [
      "Vite 8, server",
      'async () => (await __vite_ssr_dynamic_import__("node:path")).basename("/a/b")',
      undefined,
      "b",
    ],
    [
      "istanbul-lib-instrument 6",
      `x => {
    cov_1s0raeqhfi().f[13]++;
    cov_1s0raeqhfi().s[20]++;
    if (x > 1) {
      cov_1s0raeqhfi().b[2][0]++;
      cov_1s0raeqhfi().s[21]++;
      return "big";
    } else {
      cov_1s0raeqhfi().b[2][1]++;
    }
    cov_1s0raeqhfi().s[23]++;
    return (cov_1s0raeqhfi().b[4][0]++, x) || (cov_1s0raeqhfi().b[4][1]++, "none");
  }`,
      0,
      "none",
    ],
  ];

for (const [tool, text, argument, result] of runs) {
  test(`what ${tool} writes runs`, async () => {
    assert.equal(await spawn(written(text), [argument]).result, result);
  });
}

const refused: readonly (readonly [tool: string, text: string, found: string])[] = [
  [
    "Vite 8, server",
    "(x) => (0,__vite_ssr_import_0__.helper)(x) + __vite_ssr_import_0__.limit + (0,__vite_ssr_import_1__.default)(x)",
    "the imports helper (__vite_ssr_import_0__.helper), limit (__vite_ssr_import_0__.limit), default (__vite_ssr_import_1__.default)",
  ],
  ["Vite 8, server", "() => __vite_ssr_import_meta__.url", "import.meta"],
  [
    "Vite 8, server",
    'async () => (await __vite_ssr_dynamic_import__("/src/helper.ts")).helper(1)',
    'import("/src/helper.ts")',
  ],
  [
    "webpack 5",
    '(x) => (0,_helper_mjs__WEBPACK_IMPORTED_MODULE_0__.helper)(x) + (0,_helper_mjs__WEBPACK_IMPORTED_MODULE_0__["default"])(x)',
    "the imports helper (_helper_mjs__WEBPACK_IMPORTED_MODULE_0__.helper), default (_helper_mjs__WEBPACK_IMPORTED_MODULE_0__.default)",
  ],
  [
    "webpack 5",
    'async () => (await Promise.resolve(/*! import() */).then(() => (__webpack_require__(/*! ./helper.mjs */ "./out/helper.mjs")))).helper(1)',
    "the imports __webpack_require__",
  ],
  [
    "esbuild 0.28, CommonJS",
    "(x) => (0, import_helper.helper)(x) + (0, import_helper2.default)(x)",
    "the imports helper (import_helper.helper), default (import_helper2.default)",
  ],
  ["esbuild 0.28, CommonJS", "() => import_meta.url", "import.meta"],
  [
    "TypeScript 5.9, CommonJS",
    "(x) => (0, helper_ts_1.helper)(x) + helper_ts_1.limit + (0, node_fs_1.readFileSync)(p, 'utf8')",
    "p; the imports helper (helper_ts_1.helper), limit (helper_ts_1.limit), readFileSync (node_fs_1.readFileSync)",
  ],
  [
    "TypeScript 5.9, ES2015",
    "(x) => __awaiter(void 0, void 0, void 0, function* () { const y = yield Promise.resolve(x); return Math.pow(y, 2); })",
    "the compiler's helpers __awaiter",
  ],
  [
    "TypeScript 5.9, import() in CommonJS",
    'async () => (await Promise.resolve().then(() => __importStar(require("node:path")))).basename("/a/b")',
    "require of CommonJS; the compiler's helpers __importStar",
  ],
  [
    "swc 1.16, CommonJS and ES2015",
    "(x)=>_async_to_generator(function*() { return (0, _helperts.helper)(x) + _helperts.limit + _object_spread_props(_object_spread({}, x), {}); })()",
    "the imports helper (_helperts.helper), limit (_helperts.limit); the compiler's helpers _async_to_generator, _object_spread_props, _object_spread",
  ],
  [
    "Babel 7, CommonJS",
    "x => (0, _helper.helper)(x) + (0, _helper.default)(x)",
    "the imports helper (_helper.helper), default (_helper.default)",
  ],
  [
    "esbuild 0.28, target ES2017",
    "(a) => __spreadProps(__spreadValues({}, a), { b: 1 })",
    "the compiler's helpers __spreadProps, __spreadValues",
  ],
];

test(
  "what a compiler made of imports and of newer syntax is refused by its name in the source",
  { skip: withoutParser },
  () => {
    for (const [tool, text, found] of refused) {
      const message = refusal(text);
      assert.ok(message.includes(`does not have: ${found}. `), `${tool}: ${message}`);
    }
  },
);

test(
  "a refused helper says which target the compiler needs, a refused import says how to have it",
  { skip: withoutParser },
  () => {
    assert.match(refusal("(x) => __awaiter(x)"), /raise its target to ES2022 or later\.$/);
    assert.match(refusal("(x) => (0, _a.b)(x)"), /task\(import\.meta\.url, fn\)/);
  },
);

test(
  "a name that only looks like an import, and is used as a value, is told as it is",
  { skip: withoutParser },
  () => {
    assert.match(refusal("() => [_cache, _cache.size]"), /does not have: _cache\. Pass values/);
  },
);
