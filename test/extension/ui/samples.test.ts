/** @file The samples, run and looked at as a person does. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Notebook, parseNotebook } from "../../../jupyter/notebook-file.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

const samples = join(repositoryRoot, "samples");

describe("samples in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  useWorkbench({
    ready: (opened) => {
      workbench = opened;
      for (const name of ["00-tour.ipynb", "01-flight-delays.ipynb"])
        cpSync(join(samples, name), join(workbench.workspace, name));
      // As `npm install vega-datasets` in the folder would leave it.
      mkdirSync(join(workbench.workspace, "node_modules"));
      symlinkSync(
        join(repositoryRoot, "node_modules/vega-datasets"),
        join(workbench.workspace, "node_modules/vega-datasets"),
      );
    },
  });

  /** The notebook as its file has it, saved by the window. */
  async function saved(name: string): Promise<Notebook> {
    await workbench.notebook().save();
    return parseNotebook(readFileSync(join(workbench.workspace, name), "utf8"));
  }

  function assertRan({ cells }: Notebook): void {
    for (const [index, cell] of cells.entries()) {
      if (cell.cell_type !== "code") continue;
      assert.notEqual(cell.execution_count, null, `cell ${index} did not run`);
      const failed = cell.outputs.find(({ output_type: type }) => type === "error");
      assert.equal(failed, undefined, `cell ${index}: ${JSON.stringify(failed)}`);
    }
  }

  it("the tour runs, and its outputs show", async () => {
    const page = await workbench.openNotebook("00-tour.ipynb");
    await page.runAll();
    assertRan(await saved("00-tour.ipynb"));
    const bars = await page.cell(11).output();
    await bars.locator("[data-drawn] .main-svg").first().waitFor();
    await workbench.screenshot("sample-tour");
    await workbench.command("View: Close Editor");
  });

  it("flight delays: three million flights read, a network trained, figures drawn", async () => {
    const page = await workbench.openNotebook("01-flight-delays.ipynb");
    await workbench.startCommand("Tenon: Run With Parameters…");
    for (const [parameter, value] of [
      ["trainRows", "100000"],
      ["epochs", "1"],
    ] as const) {
      await workbench.quickPick(`${parameter} = `, "Run With Parameters");
      await workbench.quickInput(value, `${parameter}: number`);
      await workbench.quickWidget().getByText(`${parameter} = ${value}`, { exact: true }).waitFor();
    }
    await workbench.quickPick("all cells, on a fresh kernel");
    // The cell of the new values, below that of the old ones.
    await page.cell(2).waitForStatus("success");
    await page.waitForIdle(300_000);
    assertRan(await saved("01-flight-delays.ipynb"));
    for (const [cell, name] of [
      [8, "by-day"],
      [11, "airports"],
      [21, "roc"],
    ] as const) {
      const output = await page.cell(cell).output();
      await output.locator("[data-drawn] .main-svg").first().waitFor();
      for (const theme of ["dark", "light"] as const) {
        await workbench.setTheme(theme);
        await workbench.screenshot(`sample-flights-${name}-${theme}`);
      }
    }
  });
});
