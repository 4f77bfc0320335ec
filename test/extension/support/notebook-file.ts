/** @file Notebook files for tests: cells that have not run. */
import type { Cell, CellOutput, Notebook } from "../../../jupyter/notebook-file.ts";

/** A code cell, with outputs where a test needs them from the file. */
export function code(source: string, outputs: CellOutput[] = []): Cell {
  return { cell_type: "code", metadata: {}, source, execution_count: null, outputs };
}

/** A Markdown cell. */
export function markdown(source: string): Cell {
  return { cell_type: "markdown", metadata: {}, source };
}

/** A notebook for the TypeScript kernel; a string is a code cell. */
export function notebookFile(...cells: readonly (string | Cell)[]): Notebook {
  return {
    cells: cells.map((cell) => (typeof cell === "string" ? code(cell) : cell)),
    metadata: {
      kernelspec: { name: "tenon", display_name: "TypeScript (Tenon)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
