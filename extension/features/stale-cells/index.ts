/** @file Stale cells: marked below the cell, run by a command or by themselves. */
import { Disposable } from "vscode";
import type { Feature } from "../index.ts";
import { showCellStatus } from "./cell-status.ts";
import { registerRunStale } from "./commands.ts";
import { runReactively } from "./reactive.ts";
import { registerGraphPage } from "./graph-page.ts";
import { StaleNotebooks } from "./stale-notebooks.ts";

export const staleCells: Feature = (services) => {
  const stale = new StaleNotebooks(services);
  return Disposable.from(
    stale,
    showCellStatus(stale),
    registerRunStale(stale),
    runReactively(services, stale),
    registerGraphPage(services, stale),
  );
};
