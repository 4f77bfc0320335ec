/** @file Which cells of a notebook depend on which others, by the names that they define and use. */
import type { Node } from "oxc-parser";
import { analyseCell, parseCell } from "./analyse-cell.ts";
import { parseMagics } from "./magics.ts";
import { childNodes, patternNames } from "./scopes.ts";

/** What a cell's text defines and uses. */
export interface SourceNames {
  /** Declared names, and names of other cells that it assigns to when it runs. */
  readonly defines: ReadonlySet<string>;
  readonly uses: ReadonlySet<string>;
}

/** A cell with what it defines and uses. */
export interface CellNames extends SourceNames {
  readonly id: string;
}

export interface NameGraph {
  readonly cells: readonly CellNames[];
  /** For each cell's id, the ids of the cells whose names it uses. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Works out the graph of cells in the order in which they run: a name means its nearest earlier definition. */
export function nameGraph(cells: readonly { readonly id: string; readonly source: string }[]): NameGraph {
  return graphOf(cells.map(({ id, source }) => ({ id, ...sourceNames(source) })));
}

/** The graph of cells whose names are known. */
export function graphOf(named: readonly CellNames[]): NameGraph {
  const definedBy = new Map<string, string>();
  const dependencies = new Map<string, Set<string>>();
  for (const { id, defines, uses } of named) {
    const needed = new Set<string>();
    for (const name of uses) {
      const definer = definedBy.get(name);
      if (definer !== undefined && definer !== id) needed.add(definer);
    }
    dependencies.set(id, needed);
    for (const name of defines) definedBy.set(name, id);
  }
  return { cells: named, dependencies };
}

/** The cells that depend on one, directly or through others: what is stale after it has run again. */
export function dependents({ dependencies }: NameGraph, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [id];
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    for (const [other, needed] of dependencies) {
      if (!needed.has(cell) || found.has(other)) continue;
      found.add(other);
      waiting.push(other);
    }
  }
  return found;
}

/** Reads the names of a cell's text. */
export function sourceNames(source: string): SourceNames {
  const magics = parseMagics(source);
  const code = magics.kind === "lines" ? magics.code : magics.name === "check" ? magics.body : "";
  const { declarations, freeNames } = analyseCell(code);
  const defines = new Set(declarations.map(({ name }) => name));
  if (/[-+=]/.test(code)) {
    for (const name of assignedNames(parseCell(code).program)) if (freeNames.has(name)) defines.add(name);
  }
  return { defines, uses: new Set(freeNames.keys()) };
}

/** Names that the cell gives new values when it runs; what a function assigns, it assigns when it is called. */
function* assignedNames(node: Node): Generator<string> {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return;
    case "AssignmentExpression":
      yield* targetNames(node.left);
      break;
    case "UpdateExpression":
      yield* targetNames(node.argument);
      break;
    default:
  }
  for (const child of childNodes(node)) yield* assignedNames(child);
}

function* targetNames(target: Node): Generator<string> {
  for (const { name } of patternNames(target)) yield name;
}
