/** @file What a stale cell's status bar says, and what it offers. */
import {
  Disposable,
  EventEmitter,
  NotebookCellStatusBarAlignment,
  NotebookCellStatusBarItem,
  l10n,
  notebooks,
} from "vscode";
import { cellId, notebookType } from "../../platform/notebook-cells.ts";
import type { Staleness } from "../../stale/stale-cells.ts";
import { runStaleCommand } from "./commands.ts";
import type { StaleNotebooks } from "./stale-notebooks.ts";

/** More names than these are counted only. */
const namesShown = 3;

/** Shows why a cell is stale below it. */
export function showCellStatus(stale: StaleNotebooks): Disposable {
  const changes = new EventEmitter<void>();
  return Disposable.from(
    changes,
    stale.onDidChange(() => changes.fire()),
    notebooks.registerNotebookCellStatusBarItemProvider(notebookType, {
      onDidChangeCellStatusBarItems: changes.event,
      provideCellStatusBarItems: async (cell) => {
        if (!stale.isFollowed(cell.notebook)) return undefined;
        const reasons = (await stale.of(cell.notebook)).stale.get(cellId(cell));
        return reasons === undefined ? undefined : statusItem(reasons);
      },
    }),
  );
}

function statusItem(reasons: Staleness): NotebookCellStatusBarItem {
  const item = new NotebookCellStatusBarItem(
    `$(history) ${describe(reasons)}`,
    NotebookCellStatusBarAlignment.Left,
  );
  item.tooltip = l10n.t("What this cell shows is out of date. Click to run the stale cells.");
  item.command = { command: runStaleCommand, title: l10n.t("Run Stale Cells") };
  item.accessibilityInformation = { label: describe(reasons) };
  return item;
}

/** Why a cell is stale, in one line. */
export function describe({ edited, changed, outOfDate }: Staleness): string {
  if (edited) return l10n.t("Stale: edited since it ran");
  const [names, one, many] =
    changed.length > 0
      ? [
          changed,
          l10n.t("Stale: {0} has changed", list(changed)),
          l10n.t("Stale: {0} have changed", list(changed)),
        ]
      : [
          outOfDate,
          l10n.t("Stale: {0} is out of date", list(outOfDate)),
          l10n.t("Stale: {0} are out of date", list(outOfDate)),
        ];
  return names.length === 1 ? one : many;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(", ");
  return names.length > namesShown ? l10n.t("{0} and {1} more", shown, names.length - namesShown) : shown;
}
