/** @file What a kernel has kept for a window that comes back, and the cells that it belongs to. */
import { type NotebookCell, l10n } from "vscode";
import { parseOutput } from "../../../jupyter/output-message.ts";
import type { KeptExecution, PastExecution } from "../../../kernel/protocol.ts";
import { cellId } from "../../platform/notebook-cells.ts";
import type { CellOutputs } from "./cell-outputs.ts";
import type { Displays } from "./displays.ts";

/**
 * The newest run of each cell. A cell that was never saved has an id only while its window lives: it is known by its text.
 */
export function lastOfEachCell<Run extends KeptExecution | PastExecution>(
  executions: readonly Run[],
  cells: readonly NotebookCell[],
): ReadonlyMap<NotebookCell, Run> {
  const found = new Map<NotebookCell, Run>();
  for (const kept of executions) {
    const cell =
      cells.find((each) => cellId(each) === kept.cellId) ??
      cells.find((each) => each.document.getText() === kept.code);
    // What came late goes below the run that it belongs to, which is older.
    if (cell === undefined || ("late" in kept && kept.late && found.has(cell))) continue;
    found.delete(cell);
    found.set(cell, kept);
  }
  return found;
}

/**
 * Finds the displays of a run among the outputs that the notebook has kept of its cell, so that updates reach them. What
 * came from a widget's listeners stands behind those of the run; a cell that has fewer has lost some, and is left.
 */
export function findDisplays(cell: NotebookCell, ids: readonly (string | null)[], displays: Displays): void {
  const bundles = cell.outputs.filter(({ metadata }) =>
    /^(display_data|execute_result)$/.test(String(metadata?.["outputType"])),
  );
  if (bundles.length < ids.length) return;
  for (const [place, output] of bundles.slice(0, ids.length).entries()) {
    const id = ids[place];
    if (typeof id === "string") displays.add(id, { cell, output });
  }
}

/** Shows what a run has put out. */
export function replay({ outputs: kept, dropped }: KeptExecution, outputs: CellOutputs): void {
  for (const { type, content } of kept) {
    const output = parseOutput(type, content);
    if (output !== undefined) outputs.add(output);
  }
  if (dropped === 0) return;
  const megabytes = Math.ceil(dropped / 1_000_000);
  const text = l10n.t("… {0} MB of output came while no window was there, and were not kept", megabytes);
  outputs.add({ type: "stream", name: "stderr", text: `${text}\n` });
}
