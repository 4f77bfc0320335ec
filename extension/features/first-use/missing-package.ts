/** @file A cell that failed because a package is not installed offers to install it, and to run again. */
import {
  Disposable,
  EventEmitter,
  type NotebookCell,
  NotebookCellStatusBarAlignment,
  NotebookCellStatusBarItem,
  commands,
  l10n,
  notebooks,
  workspace,
} from "vscode";
import * as v from "valibot";
import { missingPackage } from "../../first-use/packages.ts";
import { notebookType, runCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { offerInstall } from "./install-packages.ts";

const installCommand = "tenon.installMissingPackage";
const errorMime = "application/vnd.code.notebook.error";
const errorSchema = v.looseObject({
  name: v.optional(v.string(), ""),
  message: v.optional(v.string(), ""),
  stack: v.optional(v.string(), ""),
});

/** Registers the item below cells and its command. */
export function offerMissingPackages(services: Services): Disposable {
  const changes = new EventEmitter<void>();
  return Disposable.from(
    changes,
    workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
      if (cellChanges.some(({ outputs }) => outputs !== undefined)) changes.fire();
    }),
    notebooks.registerNotebookCellStatusBarItemProvider(notebookType, {
      onDidChangeCellStatusBarItems: changes.event,
      provideCellStatusBarItems: (cell) => {
        const name = packageOf(cell);
        if (name === undefined) return undefined;
        const title = l10n.t("Install {0}", name);
        const item = new NotebookCellStatusBarItem(
          `$(cloud-download) ${title}`,
          NotebookCellStatusBarAlignment.Left,
        );
        item.tooltip = l10n.t("Runs `npm install {0}` in the notebook's folder, then the cell again.", name);
        item.command = { command: installCommand, title, arguments: [cell.document.uri.toString()] };
        return item;
      },
    }),
    commands.registerCommand(installCommand, async (uri: unknown) => {
      const cells = workspace.notebookDocuments.flatMap((notebook) => notebook.getCells());
      const cell = cells.find(({ document }) => document.uri.toString() === uri);
      const name = cell && packageOf(cell);
      if (cell === undefined || name === undefined) return;
      if (!(await offerInstall(services, cell.notebook, [name]))) return;
      await runCells(cell.notebook, [cell]);
    }),
  );
}

/** The package that the cell's last run did not find. */
function packageOf(cell: NotebookCell): string | undefined {
  for (const { items } of cell.outputs)
    for (const { mime, data } of items) {
      if (mime !== errorMime) continue;
      const parsed = v.safeParse(
        v.pipe(v.string(), v.parseJson(), errorSchema),
        new TextDecoder().decode(data),
      );
      if (!parsed.success) continue;
      const { message, stack } = parsed.output;
      const name = missingPackage(`${message}\n${stack}`);
      if (name !== undefined) return name;
    }
  return undefined;
}
