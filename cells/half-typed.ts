/**
 * @file Names of a cell whose syntax is broken, taken from its words. Good enough to complete and inspect in it; no
 * such cell is ever run.
 */
import type { CellAnalysis, CellDeclaration, CellSyntaxProblem, DeclarationKind } from "./analysis.ts";

const declarationWords: Readonly<Record<string, DeclarationKind>> = {
  const: "constant",
  let: "variable",
  var: "variable",
  function: "function",
  class: "class",
  enum: "enum",
  interface: "interface",
  type: "type",
  namespace: "namespace",
};

const word = /[\p{ID_Start}$_][\p{ID_Continue}$]*/u;
const words = new RegExp(`(?<![.\\p{ID_Continue}$])${word.source}`, "gu");
const declared = new RegExp(
  `(?<=^|[;\\n])[ \\t]*(?:export\\s+|async\\s+|declare\\s+|abstract\\s+)*(${Object.keys(declarationWords).join("|")})\\b\\s*\\*?\\s*(?:(${word.source})|\\{([^}]*)\\}|\\[([^\\]]*)\\])`,
  "gu",
);
const imports = /(?<=^|[;\n])[ \t]*import\s+(type\s+)?([^"';]*?)\s*from\s*["']/g;

/** What a cell's words say of its names. */
export function roughAnalysis(source: string, problems: readonly CellSyntaxProblem[]): CellAnalysis {
  const declarations = [...roughDeclarations(source), ...roughImports(source)];
  const freeNames = new Map<string, number>();
  const own = new Set(declarations.map(({ name }) => name));
  for (const { 0: name, index } of source.matchAll(words)) {
    if (!own.has(name) && !freeNames.has(name)) freeNames.set(name, index);
  }
  const specifiers = Array.from(
    source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"'\n]*)["']/g),
    (match) => {
      const text = match[1] ?? "";
      const end = match.index + match[0].lastIndexOf(text) + text.length;
      return { start: end - text.length, end, text };
    },
  );
  return {
    declarations,
    freeNames,
    changedNames: new Set(),
    edits: [],
    specifiers,
    textCalls: [],
    augments: false,
    problems,
  };
}

function* roughDeclarations(source: string): Generator<CellDeclaration> {
  for (const match of source.matchAll(declared)) {
    const [whole, keyword = "", single, ...patterns] = match;
    const kind = declarationWords[keyword] ?? "constant";
    const names =
      single === undefined
        ? [...(patterns.join(",").match(/[\p{ID_Start}$_][\p{ID_Continue}$]*(?=\s*(?:,|$|=))/gu) ?? [])]
        : [single];
    for (const name of names) {
      const start = match.index + whole.lastIndexOf(name);
      yield { ...unknown, name, kind, start, end: start + name.length };
    }
  }
}

function* roughImports(source: string): Generator<CellDeclaration> {
  for (const match of source.matchAll(imports)) {
    const [whole, typeOnly, clause = ""] = match;
    const kind = typeOnly === undefined ? "import" : "type import";
    for (const part of clause.replaceAll(/[{}]/g, ",").split(",")) {
      const [imported = "", name = imported] = part
        .trim()
        .replace(/^type\s+/, "")
        .split(/\s+as\s+/);
      if (name === "") continue;
      const start = match.index + whole.indexOf(name);
      yield { ...unknown, name, kind, start, end: start + name.length };
    }
  }
}

const unknown = {
  annotated: false,
  initializer: "other",
  unique: false,
  documentation: "",
  imported: undefined,
} as const;
