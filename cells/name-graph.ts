/** @file Which cells of a notebook depend on which others, by the names that they define and use. */
import { analyseCell } from "./analyse-cell.ts";
import { parseMagics } from "./magics.ts";

/** A cell with what it defines and uses. */
export interface CellNames {
  readonly id: string;
  readonly defines: ReadonlySet<string>;
  readonly uses: ReadonlySet<string>;
}

export interface NameGraph {
  readonly cells: readonly CellNames[];
  /** For each cell's id, the ids of the cells whose names it uses. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Works out the graph of cells in the order in which they run: a name means its nearest earlier definition. */
export function nameGraph(cells: readonly { readonly id: string; readonly source: string }[]): NameGraph {
  const named = cells.map(({ id, source }) => cellNames(id, source));
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

function cellNames(id: string, source: string): CellNames {
  const magics = parseMagics(source);
  const code = magics.kind === "lines" ? magics.code : magics.name === "check" ? magics.body : "";
  const { declarations, freeNames } = analyseCell(code);
  return { id, defines: new Set(declarations.map(({ name }) => name)), uses: new Set(freeNames.keys()) };
}
