/** @file Parts of a notebook that are run: above, below, what waits, and an interrupt that drops it. */
import assert from "node:assert/strict";
import { notebookFile } from "../support/notebook-file.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("running parts of a notebook", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: {
      "parts.ipynb": notebookFile(
        "const ran = ['a']; ran.join()",
        "ran.push('b'); ran.join()",
        "ran.push('c'); ran.join()",
        "ran.push('d'); await new Promise((resolve) => setTimeout(resolve, 1200)); ran.join()",
      ),
      "queue.ipynb": notebookFile("while (true) {}", "'second'", "'third'"),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("parts.ipynb");
    },
  });

  it("runs the cells above a cell, in order, and no other", async () => {
    await page.cell(2).select();
    await workbench.command("Notebook: Execute Above Cells");
    await page.cell(1).waitForOutput("a,b");
    await page.waitForIdle();
    assert.deepEqual([await page.cell(0).executionCount(), await page.cell(1).executionCount()], ["1", "2"]);
    assert.equal(await page.cell(2).executionCount(), "");
    assert.equal(await page.cell(3).executionCount(), "");
  });

  it("runs a cell and those below, in order, and no other; the time stands below a cell", async () => {
    await page.cell(1).action("Execute Cell and Below");
    await page.cell(3).waitForOutput("a,b,b,c,d");
    await page.waitForIdle();
    const counts: string[] = [];
    for (const index of [0, 1, 2, 3]) {
      await page.cell(index).reveal();
      counts.push(await page.cell(index).executionCount());
    }
    assert.deepEqual(counts, ["1", "3", "4", "5"]);
    assert.equal(
      (await page.cell(3).statusBar()).some((text) => /^\d+\.\ds$/.test(text.trim())),
      true,
    );
    await workbench.screenshot("run-below");
  });

  it("shows what waits; an interrupt drops it, without a mark", async () => {
    const queue = await workbench.openNotebook("queue.ipynb");
    await queue.startRunAll();
    await queue.cell(0).waitForStatus("executing");
    await queue.cell(1).waitForStatus("pending");
    await queue.cell(2).waitForStatus("pending");
    await workbench.screenshot("run-queue");
    await queue.toolbar("Interrupt");
    await queue.cell(0).waitForStatus("error");
    for (const cell of [1, 2]) {
      await queue.cell(cell).waitForStatus("none");
      assert.equal(await queue.cell(cell).executionCount(), "");
    }
    await workbench.screenshot("run-queue-interrupted");
    await queue.cell(1).run();
    await queue.cell(1).waitForOutput("second");
    await waitUntil("the third to be as it was", async () => (await queue.cell(2).executionCount()) === "");
  });
});
