/**
 * What a function takes from around it, read from its syntax tree: names that nothing in it declares, and
 * words such as `this` that mean something of an outer function.
 *
 *   (x) => { const y = x + z; return y; }      free: z
 *
 * One walk notes declarations in the scope they belong to, and uses with the scope in which they stand. Names
 * are looked up after it, since a declaration counts in all of its scope, also before its place. Scopes are
 * those of strict code: a function declared in a block belongs to the block.
 */
import type { SyntaxNode } from "../runtime/parser.ts";

/** How a free name is used. */
export interface FreeName {
  isAssigned: boolean;
  /** Asked for by `typeof`, which is no error if there is no such thing. */
  isTested: boolean;
  /** What is read of it: `helper` of `import_0.helper`. */
  readonly members: Set<string>;
  /** Whether it is used in any other way than by its members. */
  isUsedWhole: boolean;
}

/** Words by which a function reaches what is around it. */
export type OuterWord = "this" | "super" | "new.target" | "import.meta" | "eval";

/** What a function takes from around it. */
export interface Surroundings {
  /** In the order of their first use. */
  readonly names: ReadonlyMap<string, FreeName>;
  readonly words: ReadonlySet<OuterWord>;
  /** Names such as `#count`, of a class around it. */
  readonly privateNames: ReadonlySet<string>;
  /** What it imports, as written; undefined where that is worked out when it runs. */
  readonly imports: readonly (string | undefined)[];
}

/** The names of one scope. `var` goes to the next one that belongs to a function. */
class Scope {
  readonly names: Set<string> = new Set();
  readonly parent: Scope | undefined;
  readonly isOfFunction: boolean;

  constructor(parent: Scope | undefined, isOfFunction: boolean) {
    this.parent = parent;
    this.isOfFunction = isOfFunction;
  }

  get ofFunction(): Scope {
    return this.isOfFunction || this.parent === undefined ? this : this.parent.ofFunction;
  }

  knows(name: string): boolean {
    return this.names.has(name) || (this.parent?.knows(name) ?? false);
  }
}

/** Where the walk is. */
interface Place {
  readonly scope: Scope;
  /** Whether `this` and `new.target` are those of a function inside. */
  readonly hasThis: boolean;
  /** Whether `super` is that of a class or an object inside. */
  readonly hasSuper: boolean;
  /** The private names of classes inside. */
  readonly privateNames: readonly ReadonlySet<string>[];
}

type UseKind = "read" | "assign" | "test";

interface Use {
  readonly name: string;
  readonly scope: Scope;
  readonly kind: UseKind;
  readonly member: string | undefined;
}

/** What `fn`, the node of a function, takes from around it. `hasThis`: it may have a `this` of its own, which a method must not use. */
export function surroundingsOf(fn: SyntaxNode, hasThis: boolean): Surroundings {
  const walk = new Walk();
  const place: Place = {
    scope: new Scope(undefined, true),
    hasThis: false,
    hasSuper: false,
    privateNames: [],
  };
  walk.functionIn(fn, place, { keepsThis: !hasThis });
  return walk.finish();
}

class Walk {
  readonly #uses: Use[] = [];
  readonly #words = new Set<OuterWord>();
  readonly #privateNames = new Set<string>();
  readonly #imports: (string | undefined)[] = [];

  finish(): Surroundings {
    const names = new Map<string, FreeName>();
    for (const use of this.#uses) {
      if (use.scope.knows(use.name)) continue;
      const found = names.get(use.name) ?? {
        isAssigned: false,
        isTested: false,
        members: new Set(),
        isUsedWhole: false,
      };
      names.set(use.name, found);
      if (use.kind === "assign") found.isAssigned = true;
      if (use.kind === "test") found.isTested = true;
      else if (use.member !== undefined) found.members.add(use.member);
      else found.isUsedWhole = true;
    }
    return {
      names,
      words: this.#words,
      privateNames: this.#privateNames,
      imports: this.#imports,
    };
  }

  node(node: SyntaxNode, place: Place): void {
    const visit = VISITS[node.type];
    if (visit === undefined) this.children(node, place);
    else visit(this, node, place);
  }

  /** The nodes in some fields of a node, or in all of them. */
  children(node: SyntaxNode, place: Place, fields: readonly string[] = Object.keys(node)): void {
    for (const field of fields) {
      const value = node[field];
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) this.node(child, place);
      }
    }
  }

  use(name: string, place: Place, kind: UseKind, member?: string): void {
    this.#uses.push({ name, scope: place.scope, kind, member });
  }

  word(word: OuterWord): void {
    this.#words.add(word);
  }

  privateName(name: string, place: Place): void {
    if (!place.privateNames.some((names) => names.has(name))) this.#privateNames.add(`#${name}`);
  }

  imported(source: unknown): void {
    this.#imports.push(isNode(source) ? fixedTextOf(source) : undefined);
  }

  /** Declares the names of a pattern; what it computes on the way is used where it stands. */
  declare(pattern: SyntaxNode, place: Place, scope: Scope = place.scope): void {
    this.#pattern(pattern, place, (name) => scope.names.add(name));
  }

  /** Assigns to what a pattern names. */
  assign(pattern: SyntaxNode, place: Place): void {
    this.#pattern(pattern, place, (name) => this.use(name, place, "assign"));
  }

  #pattern(pattern: SyntaxNode, place: Place, meet: (name: string) => void): void {
    switch (pattern.type) {
      case "Identifier":
        return meet(pattern["name"] as string);
      case "ObjectPattern":
        for (const property of nodesIn(pattern, "properties")) {
          if (property["computed"] === true) this.children(property, place, ["key"]);
          const target = property.type === "RestElement" ? property : nodeIn(property, "value");
          this.#pattern(target, place, meet);
        }
        return;
      case "ArrayPattern":
        for (const element of nodesIn(pattern, "elements")) this.#pattern(element, place, meet);
        return;
      case "RestElement":
        return this.#pattern(nodeIn(pattern, "argument"), place, meet);
      case "AssignmentPattern":
        this.#pattern(nodeIn(pattern, "left"), place, meet);
        return this.children(pattern, place, ["right"]);
      default:
        return this.node(pattern, place); // a member of something, as in [a.b] = list
    }
  }

  /**
   * Parameters have a scope of their own around that of the body: what they compute does not see the body's
   * variables. An arrow function has neither `this` nor `arguments`.
   */
  functionIn(fn: SyntaxNode, place: Place, { keepsThis }: { readonly keepsThis: boolean }): void {
    const around = new Scope(place.scope, false);
    if (fn.type === "FunctionExpression" && isNode(fn["id"])) this.declare(fn["id"], place, around);
    const scope = new Scope(around, true);
    const isArrow = fn.type === "ArrowFunctionExpression";
    if (!isArrow) scope.names.add("arguments");
    const inside = { ...place, scope, hasThis: keepsThis || isArrow ? place.hasThis : true };
    for (const parameter of nodesIn(fn, "params")) this.declare(parameter, inside);
    const body = nodeIn(fn, "body");
    const bodyPlace = { ...inside, scope: new Scope(scope, true) };
    if (body.type === "BlockStatement") this.children(body, bodyPlace, ["body"]);
    else this.node(body, bodyPlace);
  }

  /** A class: what it extends and computed keys belong to what is around it, the rest has a `this` of its own. */
  classIn(node: SyntaxNode, place: Place): void {
    const members = nodesIn(nodeIn(node, "body"), "body");
    const scope = new Scope(place.scope, false);
    if (isNode(node["id"])) this.declare(node["id"], place, scope);
    const keys = members.map((member) => member["key"]).filter(isNode);
    const own = keys.filter(({ type }) => type === "PrivateIdentifier");
    const names = new Set(own.map((key) => key["name"] as string));
    const outside = { ...place, scope, privateNames: [...place.privateNames, names] };
    const inside = { ...outside, hasThis: true, hasSuper: true };
    this.children(node, outside, ["superClass", "decorators"]);
    for (const member of members) {
      if (member["computed"] === true) this.children(member, outside, ["key"]);
      const body = { ...inside, scope: new Scope(scope, true) }; // of a field's value, or of a static block
      if (member.type === "MethodDefinition")
        this.functionIn(nodeIn(member, "value"), inside, { keepsThis: false });
      else this.children(member, body, ["value", "body"]);
    }
  }
}

type Visit = (walk: Walk, node: SyntaxNode, place: Place) => void;

/** A function that is declared, or stands in an expression. */
const visitFunction: Visit = (walk, node, place) => {
  if (node.type === "FunctionDeclaration" && isNode(node["id"])) walk.declare(node["id"], place);
  walk.functionIn(node, { ...place, hasSuper: false }, { keepsThis: false });
};

const visitClass: Visit = (walk, node, place) => {
  if (node.type === "ClassDeclaration" && isNode(node["id"])) walk.declare(node["id"], place);
  walk.classIn(node, place);
};

/** Something with names of its own that are not those of a function: a block, a loop, a switch. */
const visitBlock: Visit = (walk, node, place) => {
  const inside = { ...place, scope: new Scope(place.scope, false) };
  const head = node["left"];
  if (isNode(head) && head.type !== "VariableDeclaration") {
    walk.assign(head, inside);
    walk.children(node, inside, ["right", "body"]);
  } else walk.children(node, inside);
};

/** What differs from "look at all that is in it". */
const VISITS: Readonly<Record<string, Visit>> = {
  Identifier: (walk, node, place) => walk.use(node["name"] as string, place, "read"),
  PrivateIdentifier: (walk, node, place) => walk.privateName(node["name"] as string, place),
  ThisExpression: (walk, _node, place) => place.hasThis || walk.word("this"),
  Super: (walk, _node, place) => place.hasSuper || walk.word("super"),
  MetaProperty: (walk, node, place) => {
    if (nodeIn(node, "meta")["name"] === "import") walk.word("import.meta");
    else if (!place.hasThis) walk.word("new.target");
  },
  ImportExpression: (walk, node, place) => {
    walk.imported(node["source"]);
    walk.children(node, place);
  },
  CallExpression: (walk, node, place) => {
    const callee = nodeIn(node, "callee");
    if (callee["name"] === "eval") walk.word("eval");
    if (callee["name"] === VITE_IMPORT) walk.imported(nodesIn(node, "arguments")[0]);
    walk.children(node, place);
  },
  UnaryExpression: (walk, node, place) => {
    const argument = nodeIn(node, "argument");
    if (node["operator"] === "typeof" && argument.type === "Identifier")
      walk.use(argument["name"] as string, place, "test");
    else walk.node(argument, place);
  },
  MemberExpression: (walk, node, place) => {
    const object = nodeIn(node, "object");
    const property = nodeIn(node, "property");
    const member = memberName(node, property);
    if (object.type === "Identifier" && member !== undefined)
      walk.use(object["name"] as string, place, "read", member);
    else walk.node(object, place);
    if (node["computed"] === true || property.type === "PrivateIdentifier")
      walk.node(property, place);
  },
  Property: (walk, node, place) => {
    if (node["computed"] === true) walk.children(node, place, ["key"]);
    const value = nodeIn(node, "value");
    const isMethod = node["method"] === true || node["kind"] !== "init";
    if (isMethod) walk.functionIn(value, { ...place, hasSuper: true }, { keepsThis: false });
    else walk.node(value, place);
  },
  VariableDeclaration: (walk, node, place) => {
    const scope = node["kind"] === "var" ? place.scope.ofFunction : place.scope;
    for (const declarator of nodesIn(node, "declarations")) {
      walk.declare(nodeIn(declarator, "id"), place, scope);
      walk.children(declarator, place, ["init"]);
    }
  },
  AssignmentExpression: (walk, node, place) => {
    walk.assign(nodeIn(node, "left"), place);
    walk.children(node, place, ["right"]);
  },
  UpdateExpression: (walk, node, place) => walk.assign(nodeIn(node, "argument"), place),
  ArrowFunctionExpression: (walk, node, place) =>
    walk.functionIn(node, place, { keepsThis: false }),
  FunctionExpression: visitFunction,
  FunctionDeclaration: visitFunction,
  ClassExpression: visitClass,
  ClassDeclaration: visitClass,
  BlockStatement: visitBlock,
  ForStatement: visitBlock,
  ForInStatement: visitBlock,
  ForOfStatement: visitBlock,
  SwitchStatement: (walk, node, place) => {
    walk.children(node, place, ["discriminant"]);
    walk.children(node, { ...place, scope: new Scope(place.scope, false) }, ["cases"]);
  },
  CatchClause: (walk, node, place) => {
    const inside = { ...place, scope: new Scope(place.scope, false) };
    if (isNode(node["param"])) walk.declare(node["param"], inside);
    walk.children(node, inside, ["body"]);
  },
  LabeledStatement: (walk, node, place) => walk.children(node, place, ["body"]),
  BreakStatement: () => {},
  ContinueStatement: () => {},
};

/** What Vite's server makes of `import()`. */
const VITE_IMPORT = "__vite_ssr_dynamic_import__";

/** The text that an expression surely has, or surely begins with if that alone makes it relative. */
function fixedTextOf(node: SyntaxNode): string | undefined {
  if (node.type === "Literal") return String(node["value"]);
  if (node.type === "BinaryExpression") return relativeBegin(nodeIn(node, "left"));
  if (node.type !== "TemplateLiteral") return undefined;
  const [first, ...others] = nodesIn(node, "quasis");
  const text = (first?.["value"] as { readonly cooked?: string } | undefined)?.cooked ?? "";
  return others.length === 0 || isRelative(text) ? text : undefined;
}

function relativeBegin(node: SyntaxNode): string | undefined {
  const text = fixedTextOf(node);
  return text !== undefined && isRelative(text) ? text : undefined;
}

function isRelative(text: string): boolean {
  return /^[./]/.test(text);
}

function memberName(node: SyntaxNode, property: SyntaxNode): string | undefined {
  if (node["computed"] !== true)
    return property.type === "Identifier" ? (property["name"] as string) : undefined;
  return typeof property["value"] === "string" ? property["value"] : undefined;
}

function nodeIn(node: SyntaxNode, field: string): SyntaxNode {
  return node[field] as SyntaxNode;
}

/** The nodes of a list, which has holes where a pattern skips elements. */
function nodesIn(node: SyntaxNode, field: string): SyntaxNode[] {
  return (node[field] as readonly (SyntaxNode | null)[]).filter(isNode);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
