/** @file A notebook that is run with other values than it declares, as a person does it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cellTags, joinText, parseNotebook } from "../../../jupyter/notebook-file.ts";
import { code, notebookFile } from "../support/notebook-file.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("Run With Parameters", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  const parameters = {
    ...code('let epochs = 5;\nconst region: "north" | "south" = "north";'),
    metadata: { tags: ["parameters"] },
  };

  useWorkbench({
    files: {
      "train.ipynb": notebookFile(parameters, "`${region}: ${epochs * 2}`"),
      "plain.ipynb": notebookFile("1 + 1"),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("asks for each value, and runs with them", async () => {
    const notebook = await workbench.openNotebook("train.ipynb");
    await workbench.startCommand("Tenon: Run With Parameters…");
    await workbench.quickWidget().getByText("epochs = 5").waitFor();
    await workbench.quickPick("region = north");
    await workbench.quickPick("south", "region");
    await workbench.quickPick("epochs = 5");
    const input = workbench.quickWidget().locator("input").first();
    await workbench.quickWidget().getByText("Default: 5").waitFor();
    await input.fill("many");
    await workbench.quickWidget().getByText("It has to be a number").waitFor();
    await workbench.screenshot("parameter-value");
    await workbench.quickInput("7", "epochs: number");
    await workbench.quickWidget().getByText("epochs = 7").waitFor();
    await workbench.quickWidget().getByText("region = south").waitFor();
    await workbench.screenshot("run-with-parameters");
    await workbench.quickPick("all cells, on a fresh kernel");
    await notebook.cell(2).waitForOutput("south: 14");
    assert.match(await notebook.cell(1).text(), /epochs = 7;/);
  });

  it("begins with the last values; defaults take the injected cell away", async () => {
    const notebook = workbench.notebook();
    await notebook.waitForIdle();
    await notebook.save();
    const saved = parseNotebook(await readFile(join(workbench.workspace, "train.ipynb"), "utf8"));
    assert.deepEqual(saved.cells.map(cellTags), [["parameters"], ["injected-parameters"], []]);
    assert.equal(
      joinText(saved.cells[1]?.source ?? ""),
      '// Parameters of this run\nepochs = 7;\nconst region: "north" | "south" = "south";',
    );
    await notebook.toolbar("Run With Parameters");
    await workbench.quickPick("region = south");
    await workbench.quickPick("north", "region");
    await workbench.quickPick("epochs = 7");
    await workbench.quickInput("5", "epochs: number");
    await workbench.quickPick("all cells, on a fresh kernel");
    await notebook.cell(1).waitForOutput("north: 10");
    assert.equal(await notebook.cellCount(), 2);
  });

  it("offers to add a parameters cell where there is none", async () => {
    const notebook = await workbench.openNotebook("plain.ipynb");
    await workbench.command("Tenon: Run With Parameters…");
    await workbench
      .notification("This notebook has no parameters")
      .getByRole("button", { name: "Add Parameters Cell" })
      .click();
    await waitUntil("the cell to be there", async () => (await notebook.cellCount()) === 2);
    await waitUntil("its text", async () => (await notebook.cell(0).text()).includes("let epochs = 5;"));
    await workbench.screenshot("parameters-cell");
  });
});
