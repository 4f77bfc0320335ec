/** @file A notebook's TypeScript cells as VS Code has them, and the ids by which they are known. */
import { type NotebookCell, type NotebookDocument, NotebookCellKind, commands } from "vscode";
import * as v from "valibot";

/** The type of notebooks that the extension is about. */
export const notebookType = "jupyter-notebook";

const metadataSchema = v.object({ id: v.pipe(v.string(), v.minLength(1)) });

/** The cell's id in the notebook file; for a cell that has none yet, its document's URI. */
export function cellId({ metadata, document }: NotebookCell): string {
  const found = v.safeParse(metadataSchema, metadata);
  return found.success ? found.output.id : document.uri.toString();
}

const tagsSchema = v.object({ metadata: v.object({ tags: v.array(v.string()) }) });

/** True for a cell that carries the tag. */
export function hasTag({ metadata }: NotebookCell, tag: string): boolean {
  const found = v.safeParse(tagsSchema, metadata);
  return found.success && found.output.metadata.tags.includes(tag);
}

/** True for a cell with TypeScript in it. */
export function isTypescriptCell({ kind, document }: NotebookCell): boolean {
  return kind === NotebookCellKind.Code && document.languageId === "typescript";
}

/** The cells with TypeScript in them, in order. */
export function typescriptCells(notebook: NotebookDocument): readonly NotebookCell[] {
  return notebook.getCells().filter(isTypescriptCell);
}

/** True for notebooks with TypeScript in them. */
export function isTypescriptNotebook(notebook: NotebookDocument): boolean {
  return notebook.notebookType === notebookType && notebook.getCells().some(isTypescriptCell);
}

/** Runs cells on the notebook's kernel, in the order given, and resolves when they have run. */
export async function runCells(notebook: NotebookDocument, cells: readonly NotebookCell[]): Promise<void> {
  if (cells.length === 0) return;
  const ranges = cells.map(({ index }) => ({ start: index, end: index + 1 }));
  await commands.executeCommand("notebook.cell.execute", { ranges, document: notebook.uri });
}
