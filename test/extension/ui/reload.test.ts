/** @file A window that is loaded anew while cells run: they run on, and nothing that they put out is lost. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../../../jupyter/client-process-handle.ts";
import { requireChromium } from "../../support/chromium.ts";
import { notebookFile } from "../support/notebook-file.ts";
import { waitUntil } from "../support/wait-until.ts";
import { Workbench } from "../support/workbench.ts";

describe("a window that is loaded anew", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open({
      files: {
        "long.ipynb": notebookFile(
          "const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));\nconst kernel = process.pid;",
          "import { existsSync } from 'node:fs';\nlet n = 0;\nfor (; n < 24; n++) {\n  console.log('line', n);\n  while (n === 20 && !existsSync('go')) await wait(100);\n  await wait(100);\n}",
          "const half = n / 2;\n`half is ${half}`",
          "`the same kernel: ${kernel === process.pid}`",
        ),
        "input.ipynb": notebookFile(
          "const name = prompt('who?');\nconst color = prompt('color?');\nname + ' ' + color",
        ),
      },
    });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await workbench.screenshot(`failed-${this.currentTest.title.slice(0, 20)}`);
  });
  after(async () => await workbench?.close());

  it("shows all that cells put out meanwhile, and those that waited run", async () => {
    let page = await workbench.openNotebook("long.ipynb");
    await page.startRunAll();
    await page.cell(1).waitForOutput("line 3");
    await workbench.reload();
    page = workbench.notebook();
    await page.shows();
    await page.cell(1).waitForStatus("executing");
    await workbench.screenshot("reload-mid-run");
    await writeFile(join(workbench.workspace, "go"), "");
    await page.waitForIdle();
    assert.equal(
      await page.cell(1).outputText(),
      Array.from({ length: 24 }, (_, index) => `line ${index}`).join("\n"),
    );
    await page.cell(2).waitForOutput("half is 12");
    await page.cell(3).waitForOutput("the same kernel: true");
    assert.equal(workbench.server.kernels().length, 1);
    await workbench.screenshot("reload-after-run");
  });

  it("knows which cells are stale", async () => {
    const page = workbench.notebook();
    await page.cell(2).edit("const half = n / 3;\n`a third is ${half}`");
    await waitUntil("a stale mark", async () =>
      (await page.cell(2).statusBar()).some((text) => text.includes("edited since it ran")),
    );
    await page.toolbar("Run Stale Cells");
    await page.cell(2).waitForOutput("a third is 8");
  });

  it("ends the kernel with its notebook", async () => {
    const [kernel] = workbench.server.kernels();
    assert.ok(kernel !== undefined);
    await workbench.notebook().save();
    await workbench.command("View: Close Editor");
    await waitUntil("the kernel to end", async () => !isRunning(kernel.pid));
    assert.deepEqual(workbench.server.kernels(), []);
  });

  it("asks again what a cell asked, and what it asks then", async () => {
    let page = await workbench.openNotebook("input.ipynb");
    await page.cell(0).startRun();
    await workbench.quickWidget().getByText("who?").waitFor();
    await workbench.reload();
    page = workbench.notebook();
    await page.shows();
    await workbench.quickWidget().getByText("who?").waitFor();
    await workbench.quickInput("Ada");
    await workbench.quickWidget().getByText("color?").waitFor();
    await workbench.quickInput("blue");
    await page.cell(0).waitForOutput("Ada blue");
  });
});
