/** @file Whose kernel is whose: kernels that are kept, and notebooks that share one. */
import assert from "node:assert/strict";
import { isRunning } from "../../../jupyter/client-process-handle.ts";
import { requireChromium } from "../../support/chromium.ts";
import { notebookFile } from "../support/notebook-file.ts";
import { waitUntil } from "../support/wait-until.ts";
import { Workbench } from "../support/workbench.ts";

describe("kernels of notebooks in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open({
      settings: { "tenon.kernel.keepRunning": true },
      files: {
        "train.ipynb": notebookFile("const epochs = 3;\n`pid ${process.pid}`", "epochs + 1"),
        "look.ipynb": notebookFile("`epochs ${epochs} pid ${process.pid}`"),
      },
    });
  });
  after(async () => await workbench?.close());

  it("go on when their notebook closes, where the setting says so, and are found again", async () => {
    let page = await workbench.openNotebook("train.ipynb");
    await page.cell(0).run();
    const before = await page.cell(0).outputText();
    await page.save();
    await workbench.command("View: Close Editor");
    page = await workbench.openNotebook("train.ipynb");
    await workbench.page.getByRole("button", { name: /Notebook kernel: idle/ }).waitFor();
    await page.cell(1).run();
    await page.cell(1).waitForOutput("4");
    await page.cell(0).run();
    assert.equal(await page.cell(0).outputText(), before);
  });

  it("can be attached to from another notebook, and shut down from the list", async () => {
    const page = await workbench.openNotebook("look.ipynb");
    await workbench.startCommand("Tenon: Attach to Running Kernel…");
    await workbench.quickWidget().getByText("train.ipynb").first().waitFor();
    await workbench.screenshot("attach-to-running-kernel");
    await workbench.quickPick("train.ipynb");
    const [kernel] = workbench.server.kernels();
    assert.ok(kernel !== undefined);
    await workbench.page.getByRole("button", { name: /Notebook kernel: idle/ }).waitFor();
    await page.cell(0).run();
    await page.cell(0).waitForOutput(`epochs 3 pid`);

    await workbench.startCommand("Tenon: Attach to Running Kernel…");
    const row = workbench
      .quickWidget()
      .locator(".monaco-list-row")
      .filter({ hasText: "train.ipynb" })
      .first();
    await row.hover();
    await row.locator(".codicon-trash").click();
    await waitUntil("the kernel to end", async () => !isRunning(kernel.pid));
    await workbench.page.keyboard.press("Escape");
    await workbench.notification("has ended").first().waitFor();
  });
});
