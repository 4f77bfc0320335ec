/** @file Stale cells as a person meets them: marks below cells, the button, and dependants that run by themselves. */
import assert from "node:assert/strict";
import { code, markdown, notebook } from "../../export-html/sample-notebook.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("stale cells in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: {
      "heights.ipynb": notebook([
        markdown("## Heights"),
        code("const heights = [171, 168];", []),
        code("const mean = heights.reduce((sum, each) => sum + each) / heights.length;", []),
        code("`mean: ${mean} cm`", []),
        code("'of ' + 2", []),
      ]),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("heights.ipynb");
    },
  });

  const mark = async (cell: number): Promise<string> =>
    (await page.cell(cell).statusBar()).find((text) => text.includes("Stale")) ?? "";
  const marks = async (...texts: readonly string[]): Promise<void> => {
    for (const [index, text] of texts.entries())
      await waitUntil(`cell ${index + 1} to say "${text}"`, async () =>
        text === "" ? (await mark(index + 1)) === "" : (await mark(index + 1)).includes(text),
      );
  };

  it("none are marked after all have run", async () => {
    await page.runAll();
    await page.cell(3).waitForOutput("mean: 169.5 cm");
    await marks("", "", "", "");
  });

  it("an edited cell and its dependants are marked; the button runs just those", async () => {
    const untouched = await page.cell(4).executionCount();
    await page.cell(1).edit("const heights = [171, 168, 180];");
    await marks("edited since it ran", "heights is out of date", "mean is out of date", "");
    await workbench.screenshot("stale-cells");
    await page.toolbar("Run Stale Cells");
    await page.cell(3).waitForOutput("mean: 173 cm");
    await marks("", "", "", "");
    assert.equal(await page.cell(4).executionCount(), untouched);
  });

  it("a cell that runs again marks those behind it; the command runs them", async () => {
    await page.cell(2).run();
    await marks("", "", "mean has changed", "");
    await workbench.command("Tenon: Run Stale Cells");
    await marks("", "", "", "");
  });

  it("run by themselves where the setting says so", async () => {
    await workbench.setWorkspaceSettings({ "tenon.staleCells.autoRun": true });
    await page.cell(1).edit("const heights = [100, 200];");
    await page.cell(1).run();
    await page.cell(3).waitForOutput("mean: 150 cm");
    await marks("", "", "", "");
  });
});
