/** @file Variables and data: the variables view, the data viewer, `Tenon: View Data…`. */
import { Disposable, commands } from "vscode";
import type { Feature } from "../index.ts";
import { offerCellData } from "./cell-data.ts";
import { DataViewers } from "./data-viewer.ts";
import { DataNotebooks } from "./notebooks.ts";
import { registerVariablesView } from "./variables-view.ts";
import { viewData } from "./view-data.ts";

export const data: Feature = (services) => {
  const notebooks = new DataNotebooks(services);
  const viewers = new DataViewers(services, notebooks);
  return Disposable.from(
    notebooks,
    viewers,
    registerVariablesView(services, notebooks, (shown) => viewers.show(shown)),
    offerCellData(notebooks, viewers),
    commands.registerCommand("tenon.viewData", async () => await viewData(services, notebooks, viewers)),
  );
};
