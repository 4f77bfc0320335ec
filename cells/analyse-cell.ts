/** @file Reads a cell's syntax: its names, imports, and what has to change to make it a module's body. */
import { type Node, type ParseResult, type VariableDeclarator, parseSync } from "oxc-parser";
import type {
  CellAnalysis,
  CellDeclaration,
  CellSyntaxProblem,
  DeclarationKind,
  ImportedName,
  ModuleSpecifier,
  SourceEdit,
  TextCall,
} from "./analysis.ts";
import { roughAnalysis } from "./half-typed.ts";
import { namesWithChangedTypes } from "./changed-names.ts";
import { objectLiteralEdits } from "./object-literal.ts";
import { childNodes, findScope, patternNames, resolveScopes } from "./scopes.ts";
import { textCall } from "./text-calls.ts";
import { applyEdits } from "./text-map.ts";

/** Parses a cell (its magics masked) as TypeScript. */
export function parseCell(source: string): ParseResult {
  return parseSync("cell.ts", source, { lang: "ts", sourceType: "module", preserveParens: false });
}

/** Analyses a cell. Where its syntax is broken, names are taken from its words, so that the rest still works. */
export function analyseCell(source: string): CellAnalysis {
  let parsed = parseCell(source);
  let literal: readonly SourceEdit[] = [];
  if (parsed.errors.length > 0 || parsed.program.body.at(-1)?.type === "BlockStatement") {
    literal = objectLiteralEdits(source);
    if (literal.length > 0) parsed = parseCell(applyEdits(source, literal));
  }
  const problems = parsed.errors.map(toProblem);
  if (parsed.program.body.length === 0 && problems.length > 0) return roughAnalysis(source, problems);
  const [open] = literal;
  const toSource = (offset: number): number =>
    open === undefined || offset <= open.start ? offset : offset - open.text.length;
  return {
    ...analyseProgram(source, parsed, toSource),
    problems,
    edits: [...moduleEdits(source, parsed), ...literal],
  };
}

function analyseProgram(
  source: string,
  parsed: ParseResult,
  toSource: (offset: number) => number,
): Omit<CellAnalysis, "problems" | "edits"> {
  const freeNames = new Map<string, number>();
  for (const { name, start, scope } of resolveScopes(parsed.program).references) {
    if (findScope(scope, name) !== undefined || freeNames.has(name)) continue;
    freeNames.set(name, toSource(start));
  }
  const documentation = docComments(source, parsed);
  const declarations: CellDeclaration[] = [];
  let augments = false;
  for (const statement of parsed.program.body) {
    const inner = exportedDeclaration(statement) ?? statement;
    if (inner.type === "TSModuleDeclaration" && (inner.kind === "global" || inner.id.type === "Literal"))
      augments = true;
    for (const declaration of declarationsOf(inner)) {
      declarations.push({ ...declaration, documentation: documentation(statement) });
    }
  }
  const specifiers: ModuleSpecifier[] = [];
  const textCalls: TextCall[] = [];
  visitNodes(parsed.program, (node) => {
    const specifier = moduleSpecifier(node);
    if (specifier !== undefined) specifiers.push(inSource(specifier, toSource));
    const call = textCall(node);
    if (call !== undefined) textCalls.push(inSource(call, toSource));
  });
  const changedNames = new Set(
    [...namesWithChangedTypes(parsed.program)].filter((name) => freeNames.has(name)),
  );
  return { declarations, freeNames, changedNames, augments, specifiers, textCalls };
}

function exportedDeclaration(statement: Node): Node | undefined {
  if (statement.type === "ExportNamedDeclaration") return statement.declaration ?? undefined;
  if (statement.type === "ExportDefaultDeclaration") return statement.declaration;
  return undefined;
}

type Undocumented = Omit<CellDeclaration, "documentation">;

function* declarationsOf(statement: Node): Generator<Undocumented> {
  switch (statement.type) {
    case "VariableDeclaration": {
      const kind = statement.kind === "let" || statement.kind === "var" ? "variable" : "constant";
      for (const declarator of statement.declarations) yield* declaredNames(declarator, kind);
      return;
    }
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      if (statement.id !== null) yield named(statement.id, "function");
      return;
    case "ClassDeclaration":
      if (statement.id !== null) yield named(statement.id, "class");
      return;
    case "TSEnumDeclaration":
      yield named(statement.id, "enum");
      return;
    case "TSInterfaceDeclaration":
      yield named(statement.id, "interface");
      return;
    case "TSTypeAliasDeclaration":
      yield named(statement.id, "type");
      return;
    case "TSModuleDeclaration": {
      let name: Node = statement.id;
      while (name.type === "TSQualifiedName") name = name.left;
      if (name.type === "Identifier" && statement.kind !== "global") yield named(name, "namespace");
      return;
    }
    case "TSImportEqualsDeclaration": {
      const { moduleReference } = statement;
      const module =
        moduleReference.type === "TSExternalModuleReference" ? moduleReference.expression.value : undefined;
      yield module === undefined
        ? named(statement.id, "namespace")
        : { ...named(statement.id, "import"), imported: { module, name: "=" } };
      return;
    }
    case "ImportDeclaration":
      for (const specifier of statement.specifiers) {
        const typeOnly =
          statement.importKind === "type" ||
          (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
        const imported: ImportedName = { module: statement.source.value, name: importedName(specifier) };
        yield { ...named(specifier.local, typeOnly ? "type import" : "import"), imported };
      }
      return;
    default:
  }
}

function importedName(specifier: Node): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  if (specifier.type !== "ImportSpecifier") return "default";
  return specifier.imported.type === "Literal" ? specifier.imported.value : specifier.imported.name;
}

function named(id: { name: string; start: number }, kind: DeclarationKind): Undocumented {
  const end = id.start + id.name.length;
  return {
    name: id.name,
    kind,
    start: id.start,
    end,
    annotated: false,
    initializer: "none",
    unique: false,
    imported: undefined,
  };
}

function* declaredNames({ id, init }: VariableDeclarator, kind: DeclarationKind): Generator<Undocumented> {
  const annotated = "typeAnnotation" in id && id.typeAnnotation !== null && id.typeAnnotation !== undefined;
  const annotation = annotated ? id.typeAnnotation?.typeAnnotation : undefined;
  const unique =
    kind === "constant" && (annotation?.type === "TSFunctionType" || (init !== null && isSymbol(init)));
  const initializer = init === null ? "none" : id.type === "Identifier" ? initializerKind(init) : "other";
  for (const { name, start, end } of patternNames(id)) {
    yield { name, kind, start, end, annotated, initializer, unique, imported: undefined };
  }
}

function initializerKind(init: Node): "literal" | "other" {
  if (init.type === "Literal") return "literal";
  const negative =
    init.type === "UnaryExpression" && init.operator === "-" && init.argument.type === "Literal";
  return negative ? "literal" : "other";
}

function isSymbol(init: Node): boolean {
  if (init.type !== "CallExpression") return false;
  const callee = init.callee.type === "MemberExpression" ? init.callee.object : init.callee;
  return callee.type === "Identifier" && callee.name === "Symbol";
}

/** Finds the doc comment right before a statement. */
function docComments(source: string, parsed: ParseResult): (statement: Node) => string {
  const byEnd = parsed.comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  return ({ start }) => {
    const comment = byEnd.findLast(({ end }) => end <= start);
    if (comment === undefined || source.slice(comment.end, start).trim() !== "") return "";
    return source.slice(comment.start, comment.end);
  };
}

function inSource<T extends ModuleSpecifier>(place: T, toSource: (offset: number) => number): T {
  return { ...place, start: toSource(place.start), end: toSource(place.end) };
}

function visitNodes(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of childNodes(node)) visitNodes(child, visit);
}

function moduleSpecifier(node: Node): ModuleSpecifier | undefined {
  let literal: Node | null | undefined;
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSImportType":
      ({ source: literal } = node);
      break;
    case "TSExternalModuleReference":
      literal = node.expression;
      break;
    case "TSModuleDeclaration":
      literal = node.id;
      break;
    default:
  }
  return literal?.type === "Literal" && typeof literal.value === "string"
    ? { start: literal.start + 1, end: literal.end - 1, text: literal.value }
    : undefined;
}

/** `export` is masked: a cell shares all its names, and the module's own exports are added at its end. */
function moduleEdits(source: string, parsed: ParseResult): SourceEdit[] {
  const edits: SourceEdit[] = [];
  const mask = (start: number, end: number): void => {
    edits.push({ start, end, text: source.slice(start, end).replaceAll(/[^\r\n]/g, " ") });
  };
  for (const statement of parsed.program.body) {
    const { start, end } = statement;
    if (statement.type === "ExportNamedDeclaration" && statement.source === null) {
      mask(start, statement.declaration === null ? end : start + "export".length);
    } else if (statement.type === "ExportDefaultDeclaration") {
      const { declaration } = statement;
      if ("id" in declaration && declaration.id !== null) mask(start, declaration.start);
    }
  }
  return edits;
}

function toProblem(error: ParseResult["errors"][number]): CellSyntaxProblem {
  const label = error.labels.at(-1) ?? error.labels[0];
  return { start: label?.start ?? 0, end: label?.end ?? 0, message: error.message };
}
