/**
 * Names that compilers, servers and coverage tools write into functions, by what they mean to whoever
 * reads that a function cannot run elsewhere. All of them are as those tools wrote them when this was made.
 *
 *   (0, __vite_ssr_import_0__.helper)(x)     an import, written otherwise
 *   __awaiter(this, void 0, void 0, …)       newer syntax in terms of older
 *   __name(fn, "fn")                         harmless: there is a stand-in
 */

/** Imports as compilers write them: Vite and vitest, webpack, esbuild. */
const SURE_IMPORT =
  /^(?:__vite_ssr_import_\d+__|__vi_import_\d+__|\w+__WEBPACK_(?:IMPORTED|EXTERNAL)_MODULE_\w+|import_\w+)$/;
/** As TypeScript and Babel or swc write them; other names look like that too, but are not read only by their members. */
const LIKELY_IMPORT = /^(?:\w+_\d+|_\w+)$/;

/** Helpers of esbuild and TypeScript, of Babel and swc, and of Vite. */
const HELPER =
  /^(?:__(?:awaiter|generator|rest|assign|spread(?:Array|Arrays|Values|Props)?|values|read|extends|decorate\w*|decorator\w*|param|metadata|esDecorate|runInitializers|propKey|setFunctionName|await|async(?:Generator|Delegator|Values)?|forAwait|yieldStar|classPrivateField\w+|private\w+|accessCheck|objRest|restKey|pow|using|callDispose|addDisposableResource|disposeResources|importStar|importDefault|toESM|toCommonJS|require|commonJS|esm|export|makeTemplateObject|template|earlyAccess|def(?:Normal)?Props?|vitePreload)|_(?:async_?to_?generator|object_?spread(?:_?props|2)?|define_?property|class_?call_?check|create_?class|call_?super|inherits|get_prototype_of|to_?consumable_?array|to_?array|sliced_?to_?array|object_?without_?properties(?:_?loose)?|ts_\w+|wrap_?async_?generator|await_?async_?generator|async_?iterator|async_?generator_?delegate|class_?(?:static_?)?private_\w+|classPrivate\w+|instanceof|type_?of|using_?ctx|dispose|tagged_?template_?literal\w*|extends|interop_?require_?(?:default|wildcard)))$/i;

/** How a name that is no global came into the text of a function. */
export type NameOrigin = "captured" | "import" | "meta" | "helper" | "commonjs";

/** Where a free name comes from. `isReadByMembers`: it stands only in front of a dot. */
export function originOf(name: string, isReadByMembers: boolean): NameOrigin {
  if (COMMON_JS.has(name)) return "commonjs";
  if (name === "__vite_ssr_import_meta__" || name === "import_meta") return "meta";
  if (name.startsWith("__webpack_")) return "import";
  if (HELPER.test(name)) return "helper";
  if (!isReadByMembers) return "captured";
  return SURE_IMPORT.test(name) || LIKELY_IMPORT.test(name) ? "import" : "captured";
}

/** What only modules of CommonJS have, and consoles show as if it were global. */
export const COMMON_JS: ReadonlySet<string> = new Set([
  "require",
  "module",
  "exports",
  "__filename",
  "__dirname",
]);

/** Names that some runtimes have and others ask for with `typeof` before they use them. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...COMMON_JS,
  ..."window document self navigator location process Buffer global Bun Deno importScripts".split(
    " ",
  ),
  ..."WorkerGlobalScope DedicatedWorkerGlobalScope SharedWorkerGlobalScope EdgeRuntime".split(" "),
  ..."postMessage setImmediate clearImmediate requestAnimationFrame requestIdleCallback".split(" "),
  ..."localStorage sessionStorage indexedDB XMLHttpRequest HTMLElement".split(" "),
]);

/** Whether a name is a global of some runtime, so that asking for its type is a sensible question. */
export function isGlobalSomewhere(name: string): boolean {
  return ELSEWHERE.has(name);
}

/** Names that inline functions find although nobody handed them over. */
const STAND_IN = /\b(?:__name|__publicField|__vite_ssr_dynamic_import__|cov_[a-z0-9]+)\b/g;

/** The stand-ins that a text needs, and perhaps some that it only mentions. */
export function standInsFor(text: string): string[] {
  return [...new Set(text.match(STAND_IN))];
}

/** What stands in for such a name. */
export function standIn(name: string): unknown {
  switch (name) {
    case "__name":
      return (fn: unknown) => fn; // the name would only be seen in stacks
    case "__publicField":
      return defineField;
    case "__vite_ssr_dynamic_import__":
      return (specifier: string) => import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
    default:
      return () => COUNTERS; // of coverage; what is counted on other threads is not asked for
  }
}

function defineField(object: object, key: PropertyKey, value: unknown): unknown {
  Object.defineProperty(object, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return value;
}

/** `cov_1().b[2][0]++` finds a counter wherever it looks, and counting changes nothing. */
const COUNTERS: unknown = new Proxy(
  {},
  {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => 0 : COUNTERS),
    set: () => true,
  },
);
