/** @file `Tenon: View Data…`: chooses among the notebook's tables, arrays and tensors. */
import { type QuickPickItem, commands, l10n, window } from "vscode";
import type { Variable } from "../../../kernel/protocol.ts";
import type { Services } from "../../platform/services.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import type { DataViewers } from "./data-viewer.ts";
import type { DataNotebooks } from "./notebooks.ts";

/** Asks which, and shows it. */
export async function viewData(
  { kernels }: Services,
  notebooks: DataNotebooks,
  viewers: DataViewers,
): Promise<void> {
  if (!mayRun()) return;
  const notebook = window.activeNotebookEditor?.notebook.uri.toString() ?? kernels.all()[0]?.notebook;
  const variables = notebook === undefined ? undefined : notebooks.of(notebook);
  if (notebook === undefined || variables?.session.client === undefined) {
    const runAll = l10n.t("Run All");
    const message = l10n.t("Run a cell that makes a table, an array or a tensor, and view it then.");
    if ((await window.showInformationMessage(message, runAll)) === runAll)
      await commands.executeCommand("notebook.execute");
    return;
  }
  const client = await variables.client();
  const { variables: all } = await client.list();
  const items = all.filter(({ pageable }) => pageable).map(itemOf);
  if (items.length === 0) {
    void window.showInformationMessage(
      l10n.t("This notebook has no tables, arrays or tensors yet. Run a cell that makes one."),
    );
    return;
  }
  const chosen = await window.showQuickPick(items, {
    placeHolder: l10n.t("Which data do you want to view?"),
  });
  if (chosen !== undefined) viewers.show({ notebook, ...chosen.variable });
}

function itemOf(variable: Variable): QuickPickItem & { readonly variable: Variable } {
  const { name, type, shape = "", preview } = variable;
  return { label: name, description: `${type} ${shape}`.trim(), detail: preview, variable };
}
