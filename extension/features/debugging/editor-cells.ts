/** @file A notebook's cells and breakpoints as VS Code has them now, for the debugger. */
import { type NotebookDocument, NotebookCellKind, SourceBreakpoint, debug, l10n } from "vscode";
import type { NotebookCells } from "../../debug/cell-sources.ts";
import type { RequestedBreakpoint } from "../../debug/dap-message.ts";

/** The scheme of cells' URIs. */
const cellScheme = "vscode-notebook-cell:";

/** The cells of a notebook that is open. */
export function editorCells(notebook: NotebookDocument): NotebookCells {
  return {
    list: () =>
      notebook
        .getCells()
        .filter(({ kind }) => kind === NotebookCellKind.Code)
        .map(({ document, index }) => ({
          uri: document.uri.toString(),
          name: cellName(index),
          text: document.getText(),
        })),
    isCell: (uri) => uri.startsWith(cellScheme),
    breakpoints: breakpointsOf,
    oldTextName: l10n.t("Cell, as it ran"),
  };
}

/** What people know a cell by. */
export function cellName(index: number): string {
  return l10n.t("Cell {0}", index + 1);
}

function breakpointsOf(uri: string): readonly RequestedBreakpoint[] {
  return debug.breakpoints.flatMap((breakpoint): RequestedBreakpoint[] => {
    if (!(breakpoint instanceof SourceBreakpoint) || !breakpoint.enabled) return [];
    const { location, condition, hitCondition, logMessage } = breakpoint;
    if (location.uri.toString() !== uri) return [];
    const { line, character } = location.range.start;
    // A breakpoint of a whole line has no column.
    const place = character === 0 ? { line: line + 1 } : { line: line + 1, column: character + 1 };
    const options = Object.entries({ condition, hitCondition, logMessage });
    return [{ ...place, ...Object.fromEntries(options.filter(([, value]) => value !== undefined)) }];
  });
}
