/** @file A table of Apache Arrow's, as a person looks at it: in the variables view, below its cell, in the data viewer. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { repositoryRoot } from "../../support/repository.ts";
import { checkThemes } from "../support/axe.ts";
import { notebookFile } from "../support/notebook-file.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

const table = `import { tableFromArrays } from "apache-arrow";
const rows = Array.from({ length: 200_000 }, (_, row) => row);
const trips = tableFromArrays({
  id: Int32Array.from(rows),
  city: rows.map((row) => ["서울", "New York", "Zürich"][row % 3]),
  day: rows.map((row) => new Date(Date.UTC(2001, 0, 1 + Math.floor(row / 100)))),
  distance: Float64Array.from(rows, (row) => Math.round(100 * Math.sqrt(row % 977)) / 10),
  delay: rows.map((row) => (row % 11 === 0 ? null : ((row * 7919) % 240) - 30)),
  late: rows.map((row) => row % 2 === 0),
});
trips`;
const batch = `const first = trips.batches[0];`;

describe("an Arrow table in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let variables: FrameLocator;
  let viewer: FrameLocator;
  useWorkbench({
    files: { "arrow.ipynb": notebookFile(table, batch) },
    ready: (opened) => {
      workbench = opened;
      // The notebook's own package, as the user has installed it.
      const name = "node_modules/apache-arrow";
      mkdirSync(join(workbench.workspace, "node_modules"));
      symlinkSync(join(repositoryRoot, name), join(workbench.workspace, name));
    },
  });

  const variable = (name: string): Locator =>
    variables
      .locator(".rows .row")
      .filter({ has: variables.locator(".label").getByText(name, { exact: true }) });
  const column = (name: string): Locator => viewer.locator(".column", { hasText: name });

  it("is a table below its cell, and one in the variables view with rows, columns and memory", async () => {
    const page = await workbench.openNotebook("arrow.ipynb");
    await page.cell(0).run();
    await page.cell(0).waitForOutput("200,000 rows × 6 columns");
    await page.cell(1).run();
    await workbench.page.locator(".activitybar").getByRole("tab", { name: "Tenon" }).click();
    variables = await workbench.webview("Variables");
    await variable("first").waitFor();
    assert.equal(await variable("trips").locator(".type").innerText(), "Table");
    assert.equal(await variable("trips").locator(".shape").innerText(), "200,000 × 6");
    assert.match(await variable("trips").locator(".bytes").innerText(), /^[5-9](\.\d)? MB$/);
    assert.match(await variable("trips").locator(".preview").innerText(), /^id: number, city: string/);
    assert.equal(await variable("first").locator(".type").innerText(), "RecordBatch");
    await checkThemes(workbench, variables, "variables-arrow");
  });

  it("opens in the data viewer, where it is filtered, sorted and has statistics", async () => {
    await variable("trips").getByRole("button").click();
    viewer = await workbench.webview("Data Viewer");
    await viewer.getByText("200,000 rows", { exact: true }).waitFor();
    await column("delay").locator(".histogram").waitFor();
    await column("city")
      .getByRole("button", { name: /Filter and/ })
      .click();
    await viewer.locator(".panel .values button", { hasText: "New York" }).click();
    await viewer.getByText("66,667 of 200,000 rows").waitFor();
    await viewer.locator(".chip").waitFor();
    await workbench.page.keyboard.press("Escape");
    await column("delay").locator(".name").click();
    await column("delay").locator(".name").click();
    await viewer.locator("#cell-0-4", { hasText: "209" }).waitFor();
    await viewer.locator("#cell-0-1", { hasText: "New York" }).waitFor();
    await column("distance").locator(".histogram").waitFor();
    await checkThemes(workbench, viewer, "data-viewer-arrow");
  });
});
