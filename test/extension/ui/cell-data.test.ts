/** @file A table below a cell that is opened in the data viewer from there. */
import assert from "node:assert/strict";
import { notebookFile } from "../support/notebook-file.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("a table below a cell", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  useWorkbench({
    files: {
      "tables.ipynb": notebookFile(
        "const rows = Array.from({ length: 1234 }, (_, row) => ({ row, half: row / 2 }));\nrows",
        "rows.slice(0, 3)",
        "rows.length",
      ),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("is opened in the data viewer, where the cell ends in its name", async () => {
    const notebook = await workbench.openNotebook("tables.ipynb");
    const offers = async (cell: number): Promise<boolean> =>
      (await notebook.cell(cell).statusBar()).some((text) => text.includes("View Data"));
    for (const cell of [0, 1, 2]) await notebook.cell(cell).run();
    await notebook.cell(0).reveal();
    await waitUntil("the offer", async () => await offers(0));
    await workbench.screenshot("cell-data");
    await notebook.cell(0).row.locator(".cell-status-item", { hasText: "View Data" }).click();
    const viewer = await workbench.webview("Data Viewer");
    await viewer.getByText("1,234 rows").waitFor();
    await workbench.openFile("tables.ipynb");
    for (const cell of [1, 2]) {
      await notebook.cell(cell).reveal();
      assert.equal(await offers(cell), false);
    }
  });
});
