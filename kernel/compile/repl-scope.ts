/**
 * @file Fits a cell's JavaScript to V8's REPL mode.
 *
 * Every name that a cell declares becomes a `let` of the REPL scope, the one kind of declaration that any later cell
 * can declare again. Functions come first, then `var` names, then imports, then the statements in their order.
 */
import type {
  Class,
  Expression,
  ImportDeclaration,
  Program,
  Statement,
  VariableDeclaration,
} from "oxc-parser";
import type { ImportUses, JavaScriptCell } from "./javascript.ts";
import { runtimeName } from "./repl-scope-name.ts";
import { Rewriter } from "./rewriter.ts";

type TopLevel = Program["body"][number];
type Named = { readonly name: string };

/** Nodes whose awaits, if any, are not the cell's. */
const ownScope = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "PropertyDefinition",
  "AccessorProperty",
  "StaticBlock",
]);

/** The rewritten cell. */
export class ReplScope {
  readonly #out: Rewriter;
  readonly #hoistedNames = new Set<string>();
  readonly #localNames = new Set<string>();
  readonly #functions: { readonly start: number; readonly end: number }[] = [];
  readonly #imports: ImportDeclaration[] = [];

  readonly cell: JavaScriptCell;
  readonly source: string;
  readonly showResult: boolean;
  readonly uses: ImportUses | undefined;

  /** `showResult` stores the value of the last expression. */
  constructor(cell: JavaScriptCell, source: string, showResult: boolean, uses: ImportUses | undefined) {
    this.cell = cell;
    this.source = source;
    this.showResult = showResult;
    this.uses = uses;
    this.#out = new Rewriter(cell.code);
  }

  rewrite(): Rewriter {
    const { code, program, importMetas, dynamicImports } = this.cell;
    for (const { start, end } of importMetas) this.#out.replace(start, end, `${runtimeName}.meta`);
    for (const { start } of dynamicImports)
      this.#out.replace(start, start + "import".length, `${runtimeName}.load`);
    if (this.cell.restructured) this.#renameHelpers();
    for (const statement of program.body) this.#topLevel(statement);
    if (code.includes("await")) this.#holdAwaited(program.body);
    if (this.showResult) this.#storeResult(program.body);
    this.#assemble(code);
    return this.#out;
  }

  #assemble(code: string): void {
    const out = this.#out;
    out.append(`"use strict"; `, 0);
    for (const { start, end } of this.#functions) {
      out.copy(start, end);
      out.append(";\n", end);
    }
    if (this.#hoistedNames.size > 0) out.append(`let ${[...this.#hoistedNames].join(", ")};\n`, 0);
    for (const declaration of this.#imports) this.#import(declaration);
    const local = this.#localNames.size > 0;
    if (local) out.append(`{ let ${[...this.#localNames].join(", ")};\n`, 0);
    let position = 0;
    for (const { start, end } of [...this.#functions, ...this.#imports].sort((a, b) => a.start - b.start)) {
      out.copy(position, start);
      position = end;
    }
    out.copy(position, code.length);
    // Without this the inspector would keep the last value alive.
    out.append(local ? "\n}\n;void 0" : "\n;void 0", code.length);
  }

  #topLevel(statement: TopLevel): void {
    switch (statement.type) {
      case "ImportDeclaration":
        this.#imports.push(statement);
        return;
      case "ExportAllDeclaration":
        this.#out.replace(statement.start, statement.end, this.#load(statement.source.value));
        return;
      case "ExportNamedDeclaration":
        this.#exportNamed(statement);
        return;
      case "ExportDefaultDeclaration":
        this.#exportDefault(statement);
        return;
      case "FunctionDeclaration":
        this.#function(statement);
        return;
      case "ClassDeclaration":
        this.#class(statement);
        return;
      case "VariableDeclaration":
        this.#variables(statement, true);
        return;
      default:
        this.#nested(statement);
    }
  }

  /** What is awaited at top level is held by the request: see `kernel/child/inspector-evaluator.ts`. */
  #holdAwaited(node: unknown): void {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const inner of node) this.#holdAwaited(inner);
      return;
    }
    // SAFETY: every object in the tree is a node or a plain value with string keys.
    const { type, argument } = node as { readonly type?: string; readonly argument?: Range };
    if (type !== undefined && ownScope.has(type)) return;
    for (const inner of Object.values(node)) this.#holdAwaited(inner);
    if (type !== "AwaitExpression" || argument === undefined) return;
    this.#out.insertBefore(argument.start, `${runtimeName}.hold(`);
    this.#out.insertAfter(argument.end, ")");
  }

  #load(specifier: string): string {
    return `await ${runtimeName}.import(${JSON.stringify(specifier)}, []);`;
  }

  #exportNamed(statement: Extract<TopLevel, { type: "ExportNamedDeclaration" }>): void {
    const { declaration, source } = statement;
    if (declaration !== null) {
      this.#out.replace(statement.start, declaration.start, "");
      this.#topLevel(declaration);
    } else {
      this.#out.replace(statement.start, statement.end, source === null ? ";" : this.#load(source.value));
    }
  }

  #exportDefault(statement: Extract<TopLevel, { type: "ExportDefaultDeclaration" }>): void {
    const { declaration } = statement;
    this.#out.replace(statement.start, declaration.start, "");
    if (declaration.type === "FunctionDeclaration" && declaration.id !== null) this.#function(declaration);
    else if (declaration.type === "ClassDeclaration" && declaration.id !== null) this.#class(declaration);
    else {
      this.#out.insertBefore(declaration.start, this.showResult ? `${runtimeName}.result = (` : "(");
      this.#out.insertAfter(declaration.end, declaration.type.endsWith("Declaration") ? ");" : ")");
    }
  }

  #function(statement: {
    readonly id: (Named & Range) | null;
    readonly start: number;
    readonly end: number;
  }): void {
    const { id, start, end } = statement;
    if (id === null) return;
    // The function is anonymous so that its own calls see a later redeclaration; it takes its name from the `let`.
    this.#out.insertBefore(start, `let ${id.name} = `);
    this.#out.replace(id.start, id.end, "");
    this.#functions.push({ start, end });
  }

  #class(statement: Class): void {
    const { id, start, end } = statement;
    if (id === null) return;
    const hoisted = this.cell.restructured;
    if (hoisted) this.#hoist(id.name);
    this.#out.insertBefore(start, hoisted ? `${id.name} = ` : `let ${id.name} = `);
    this.#out.insertAfter(end, ";");
  }

  /** Statements that may hold `var` declarations, which are visible to later cells as in scripts. */
  #nested(statement: Statement | TopLevel): void {
    switch (statement.type) {
      case "VariableDeclaration":
        if (statement.kind === "var") this.#variables(statement, true);
        return;
      case "BlockStatement":
        statement.body.forEach((inner) => this.#nested(inner));
        return;
      case "IfStatement":
        this.#nested(statement.consequent);
        if (statement.alternate !== null) this.#nested(statement.alternate);
        return;
      case "ForStatement":
        if (statement.init?.type === "VariableDeclaration" && statement.init.kind === "var")
          this.#variables(statement.init, false);
        this.#nested(statement.body);
        return;
      case "ForInStatement":
      case "ForOfStatement":
        if (statement.left.type === "VariableDeclaration" && statement.left.kind === "var")
          this.#loopVariable(statement.left);
        this.#nested(statement.body);
        return;
      case "WhileStatement":
      case "DoWhileStatement":
      case "LabeledStatement":
        this.#nested(statement.body);
        return;
      case "TryStatement":
        this.#nested(statement.block);
        if (statement.handler !== null) this.#nested(statement.handler.body);
        if (statement.finalizer !== null) this.#nested(statement.finalizer);
        return;
      case "SwitchStatement":
        for (const { consequent } of statement.cases) consequent.forEach((inner) => this.#nested(inner));
        return;
      default:
    }
  }

  #loopVariable(declaration: VariableDeclaration): void {
    const declarator = declaration.declarations[0];
    if (declarator === undefined) return;
    this.#hoistPattern(declarator.id);
    this.#out.replace(declaration.start, declarator.start, "");
  }

  #variables(declaration: VariableDeclaration, isStatement: boolean): void {
    if (declaration.kind !== "var" && !this.cell.restructured) {
      if (declaration.kind === "const")
        this.#out.replace(declaration.start, declaration.start + "const".length, "let");
      return;
    }
    for (const { id } of declaration.declarations) this.#hoistPattern(id);
    // `let x;` assigns undefined, `var x;` doesn't.
    const assigned = declaration.declarations.filter(
      ({ init }) => init !== null || declaration.kind !== "var",
    );
    const first = assigned[0];
    const last = assigned.at(-1);
    if (first === undefined || last === undefined) {
      const end = this.cell.code[declaration.end - 1] === ";" ? declaration.end - 1 : declaration.end;
      this.#out.replace(declaration.start, end, "");
      return;
    }
    this.#out.replace(declaration.start, first.start, isStatement ? "(" : "");
    assigned.forEach((declarator, index) => {
      if (declarator.init === null) this.#out.insertAfter(declarator.end, " = void 0");
      const next = assigned[index + 1];
      if (next !== undefined) this.#out.replace(declarator.end, next.start, ", ");
    });
    const end = this.cell.code[declaration.end - 1] === ";" ? declaration.end - 1 : declaration.end;
    this.#out.replace(last.end, end, isStatement ? ")" : "");
  }

  #hoist(name: string): void {
    // What the lowering made up stays out of the REPL scope.
    if (this.cell.restructured && !this.source.includes(name)) this.#localNames.add(name);
    else this.#hoistedNames.add(name);
  }

  #hoistPattern(pattern: unknown): void {
    if (typeof pattern !== "object" || pattern === null) return;
    // SAFETY: binding patterns are made of these node types only.
    const node = pattern as BindingNode;
    switch (node.type) {
      case "Identifier":
        this.#hoist(node.name);
        return;
      case "ObjectPattern":
        for (const property of node.properties)
          this.#hoistPattern(property.type === "Property" ? property.value : property);
        return;
      case "ArrayPattern":
        node.elements.forEach((element) => this.#hoistPattern(element));
        return;
      case "AssignmentPattern":
        this.#hoistPattern(node.left);
        return;
      case "RestElement":
        this.#hoistPattern(node.argument);
    }
  }

  #import(declaration: ImportDeclaration): void {
    const { specifiers, source, attributes } = declaration;
    const names = specifiers.map((specifier) => {
      if (specifier.type === "ImportNamespaceSpecifier") return "*";
      // A question mark: may be missing, it could be a type.
      const mark = this.uses?.values.has(specifier.local.name) === true ? "" : "?";
      if (specifier.type === "ImportDefaultSpecifier") return `${mark}default`;
      return (
        mark + (specifier.imported.type === "Literal" ? specifier.imported.value : specifier.imported.name)
      );
    });
    const locals = specifiers.map((specifier) => specifier.local.name);
    const optional = locals.length > 0 && locals.every((name) => this.uses?.types.has(name) === true);
    const options: Record<string, unknown> = {};
    if (attributes.length > 0) {
      options["with"] = Object.fromEntries(
        attributes.map(({ key, value }) => [key.type === "Literal" ? key.value : key.name, value.value]),
      );
    }
    if (optional) options["optional"] = true;
    const args = [JSON.stringify(source.value), JSON.stringify(names)];
    if (Object.keys(options).length > 0) args.push(JSON.stringify(options));
    const target = locals.length === 0 ? "" : `let [${locals.join(", ")}] = `;
    this.#out.append(`${target}await ${runtimeName}.import(${args.join(", ")});\n`, declaration.start);
  }

  #storeResult(body: readonly TopLevel[]): void {
    let last: TopLevel | Statement | undefined = body.at(-1);
    // `using` at top level was lowered to a try block around the statements.
    if (this.cell.restructured && last?.type === "TryStatement") last = last.block.body.at(-1);
    if (last?.type !== "ExpressionStatement") return;
    const expression: Expression = last.expression;
    this.#out.insertBefore(expression.start, `${runtimeName}.result = (`);
    this.#out.insertAfter(expression.end, ")");
  }

  #renameHelpers(): void {
    const name = "babelHelpers";
    for (
      let at = this.cell.code.indexOf(`${name}.`);
      at !== -1;
      at = this.cell.code.indexOf(`${name}.`, at + 1)
    ) {
      this.#out.replace(at, at + name.length, runtimeName);
    }
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

type BindingNode =
  | { readonly type: "Identifier"; readonly name: string }
  | {
      readonly type: "ObjectPattern";
      readonly properties: readonly { readonly type: string; readonly value?: unknown }[];
    }
  | { readonly type: "ArrayPattern"; readonly elements: readonly unknown[] }
  | { readonly type: "AssignmentPattern"; readonly left: unknown }
  | { readonly type: "RestElement"; readonly argument: unknown };
