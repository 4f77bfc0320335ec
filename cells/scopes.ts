/**
 * @file Resolves the names of a syntax tree to scopes.
 *
 * Value and type names share one name space here: a name counts as declared where either is. That errs towards
 * fewer free names only where one name means two things, which the callers do not tell apart either.
 */
import type { Node } from "oxc-parser";

/** A stretch of the program in which names are declared. */
export interface Scope {
  readonly start: number;
  readonly end: number;
  readonly parent: Scope | undefined;
  /** True for bodies that run later than the text around them. */
  readonly deferred: boolean;
  /** Each name with the offset from which it can be used; -1 for what is there from the start, such as functions. */
  readonly names: Map<string, number>;
}

/** A use of a name. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  readonly scope: Scope;
}

export interface ResolvedScopes {
  readonly root: Scope;
  readonly scopes: readonly Scope[];
  readonly references: readonly Reference[];
}

/** Finds all scopes, their names, and all uses of names. */
export function resolveScopes(program: Node): ResolvedScopes {
  const resolver = new ScopeResolver(program);
  resolver.visitChildren(program, resolver.root);
  return { root: resolver.root, scopes: resolver.scopes, references: resolver.references };
}

/** The innermost scope around `scope` that declares the name. */
export function findScope(scope: Scope, name: string): Scope | undefined {
  let holder: Scope | undefined = scope;
  while (holder !== undefined && !holder.names.has(name)) holder = holder.parent;
  return holder;
}

/** The names that a binding pattern declares. */
export function* patternNames(pattern: Node): Generator<{ name: string; start: number; end: number }> {
  switch (pattern.type) {
    case "Identifier":
      yield { name: pattern.name, start: pattern.start, end: pattern.start + pattern.name.length };
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        yield* patternNames(property.type === "RestElement" ? property.argument : property.value);
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element !== null) yield* patternNames(element);
      break;
    case "RestElement":
      yield* patternNames(pattern.argument);
      break;
    case "AssignmentPattern":
      yield* patternNames(pattern.left);
      break;
    case "TSParameterProperty":
      yield* patternNames(pattern.parameter);
      break;
    default:
  }
}

/** The nodes directly below a node. */
export function* childNodes(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const element of value) if (isNode(element)) yield element;
    } else if (isNode(value)) yield value;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

class ScopeResolver {
  readonly root: Scope;
  readonly scopes: Scope[] = [];
  readonly references: Reference[] = [];

  constructor(program: Node) {
    this.root = this.#open(program, undefined, false);
  }

  #open(node: Node, parent: Scope | undefined, deferred: boolean): Scope {
    const scope: Scope = { start: node.start, end: node.end, parent, deferred, names: new Map() };
    this.scopes.push(scope);
    return scope;
  }

  #declare(scope: Scope, name: string, offset: number): void {
    const known = scope.names.get(name);
    if (known === undefined || offset < known) scope.names.set(name, offset);
  }

  visitChildren(node: Node, scope: Scope, ...skip: readonly unknown[]): void {
    for (const child of childNodes(node)) if (!skip.includes(child)) this.#visit(child, scope);
  }

  #visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        this.references.push({ name: node.name, start: node.start, scope });
        this.visitChildren(node, scope);
        return;
      case "ImportDeclaration":
        for (const { local } of node.specifiers) this.#declare(scope, local.name, -1);
        return;
      case "VariableDeclaration": {
        const target = node.kind === "var" ? functionScope(scope) : scope;
        for (const { id, end } of node.declarations) {
          for (const { name } of patternNames(id))
            this.#declare(target, name, node.kind === "var" ? -1 : end);
        }
        for (const declarator of node.declarations) {
          this.#visitPattern(declarator.id, scope);
          if (declarator.init !== null) this.#visit(declarator.init, scope);
        }
        return;
      }
      case "FunctionDeclaration":
      case "TSDeclareFunction":
      case "FunctionExpression":
      case "TSEmptyBodyFunctionExpression":
      case "ArrowFunctionExpression":
        this.#visitFunction(node, scope);
        return;
      case "ClassDeclaration":
      case "ClassExpression": {
        const inner = this.#open(node, scope, false);
        if (node.id !== null)
          this.#declare(node.type === "ClassDeclaration" ? scope : inner, node.id.name, node.start);
        this.visitChildren(node, inner, node.id);
        return;
      }
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        this.#declare(scope, node.id.name, -1);
        this.visitChildren(node, this.#open(node, scope, false), node.id);
        return;
      case "TSEnumDeclaration": {
        this.#declare(scope, node.id.name, node.start);
        const inner = this.#open(node, scope, false);
        for (const { id } of node.body.members) {
          if (id.type === "Identifier") this.#declare(inner, id.name, -1);
          else if (id.type === "Literal" && typeof id.value === "string") this.#declare(inner, id.value, -1);
        }
        for (const { initializer } of node.body.members)
          if (initializer !== null) this.#visit(initializer, inner);
        return;
      }
      case "TSModuleDeclaration": {
        let name: Node = node.id;
        while (name.type === "TSQualifiedName") name = name.left;
        if (name.type === "Identifier" && node.kind !== "global") this.#declare(scope, name.name, node.start);
        if (node.body !== null && node.body !== undefined)
          this.visitChildren(node.body, this.#open(node, scope, false));
        return;
      }
      case "TSImportEqualsDeclaration":
        this.#declare(scope, node.id.name, -1);
        this.visitChildren(node, scope, node.id);
        return;
      case "BlockStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        this.visitChildren(node, this.#open(node, scope, false));
        return;
      case "StaticBlock":
        this.visitChildren(node, this.#open(node, scope, false));
        return;
      case "CatchClause": {
        const inner = this.#open(node, scope, false);
        if (node.param !== null) {
          for (const { name } of patternNames(node.param)) this.#declare(inner, name, -1);
          this.#visitPattern(node.param, inner);
        }
        this.visitChildren(node, inner, node.param);
        return;
      }
      default:
        this.#visitOther(node, scope);
    }
  }

  #visitOther(node: Node, scope: Scope): void {
    switch (node.type) {
      case "MemberExpression":
        this.visitChildren(node, scope, node.computed ? undefined : node.property);
        return;
      case "Property":
      case "MethodDefinition":
      case "TSAbstractMethodDefinition":
      case "PropertyDefinition":
      case "TSAbstractPropertyDefinition":
      case "AccessorProperty":
      case "TSAbstractAccessorProperty":
      case "TSPropertySignature":
        this.visitChildren(node, scope, node.computed ? undefined : node.key);
        return;
      case "TSMethodSignature":
        this.#visitSignature(node, scope, node.computed ? undefined : node.key);
        return;
      case "TSFunctionType":
      case "TSConstructorType":
      case "TSCallSignatureDeclaration":
      case "TSConstructSignatureDeclaration":
        this.#visitSignature(node, scope, undefined);
        return;
      case "TSIndexSignature": {
        const inner = this.#open(node, scope, false);
        for (const { name, typeAnnotation } of node.parameters) {
          this.#declare(inner, name, -1);
          this.#visit(typeAnnotation, scope);
        }
        this.#visit(node.typeAnnotation, inner);
        return;
      }
      case "TSTypeParameter":
        this.#declare(scope, node.name.name, -1);
        this.visitChildren(node, scope, node.name);
        return;
      case "TSMappedType": {
        const inner = this.#open(node, scope, false);
        this.#declare(inner, node.key.name, -1);
        this.visitChildren(node, inner, node.key);
        return;
      }
      case "TSConditionalType":
        this.visitChildren(node, this.#open(node, scope, false));
        return;
      case "TSQualifiedName":
        this.#visit(node.left, scope);
        return;
      case "TSNamedTupleMember":
        this.#visit(node.elementType, scope);
        return;
      case "TSEnumMember":
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
      case "ExportAllDeclaration":
        return;
      case "LabeledStatement":
        this.#visit(node.body, scope);
        return;
      case "ExportNamedDeclaration":
        if (node.source === null) this.visitChildren(node, scope);
        return;
      case "ExportSpecifier":
        this.#visit(node.local, scope);
        return;
      case "TSImportType":
        if (node.typeArguments !== null) this.#visit(node.typeArguments, scope);
        return;
      case "ImportExpression":
        this.#visit(node.source, scope);
        if (node.options !== null) this.#visit(node.options, scope);
        return;
      default:
        this.visitChildren(node, scope);
    }
  }

  #visitFunction(node: Node & { type: `${string}Function${string}` }, scope: Scope): void {
    const inner = this.#open(node, scope, true);
    if ("id" in node && node.id !== null) {
      const declares = node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction";
      this.#declare(declares ? scope : inner, node.id.name, -1);
    }
    if ("typeParameters" in node && node.typeParameters) this.#visit(node.typeParameters, inner);
    if ("params" in node) this.#visitParameters(node.params, inner);
    if ("returnType" in node && node.returnType) this.#visit(node.returnType, inner);
    if (!("body" in node) || node.body === null || node.body === undefined) return;
    if (node.body.type === "BlockStatement") this.visitChildren(node.body, inner);
    else this.#visit(node.body, inner);
  }

  #visitSignature(node: Node & { params: readonly Node[] }, scope: Scope, key: Node | undefined): void {
    const inner = this.#open(node, scope, false);
    if ("typeParameters" in node && node.typeParameters) this.#visit(node.typeParameters, inner);
    this.#visitParameters(node.params, inner);
    const typeParameters = "typeParameters" in node ? node.typeParameters : undefined;
    this.visitChildren(node, inner, key, typeParameters, ...node.params);
  }

  #visitParameters(parameters: readonly Node[], scope: Scope): void {
    for (const parameter of parameters)
      for (const { name } of patternNames(parameter)) this.#declare(scope, name, -1);
    for (const parameter of parameters) this.#visitPattern(parameter, scope);
  }

  /** Visits what a pattern uses: defaults, computed keys, types, decorators. */
  #visitPattern(pattern: Node, scope: Scope): void {
    switch (pattern.type) {
      case "Identifier":
        this.visitChildren(pattern, scope);
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") this.#visitPattern(property, scope);
          else {
            if (property.computed) this.#visit(property.key, scope);
            this.#visitPattern(property.value, scope);
          }
        }
        if (pattern.typeAnnotation) this.#visit(pattern.typeAnnotation, scope);
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element !== null) this.#visitPattern(element, scope);
        if (pattern.typeAnnotation) this.#visit(pattern.typeAnnotation, scope);
        return;
      case "RestElement":
        this.#visitPattern(pattern.argument, scope);
        if (pattern.typeAnnotation) this.#visit(pattern.typeAnnotation, scope);
        return;
      case "AssignmentPattern":
        this.#visitPattern(pattern.left, scope);
        this.#visit(pattern.right, scope);
        return;
      case "TSParameterProperty":
        for (const decorator of pattern.decorators) this.#visit(decorator, scope);
        this.#visitPattern(pattern.parameter, scope);
        return;
      default:
        this.#visit(pattern, scope);
    }
  }
}

function functionScope(scope: Scope): Scope {
  let target = scope;
  while (!target.deferred && target.parent !== undefined) target = target.parent;
  return target;
}
