/** @file A folder that is not trusted: its notebooks can be read, and nothing in them runs. */
import assert from "node:assert/strict";
import type { CellOutput } from "../../../jupyter/notebook-file.ts";
import { code, notebookFile } from "../support/notebook-file.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

function display(data: Readonly<Record<string, unknown>>): CellOutput {
  return { output_type: "display_data", data: { ...data }, metadata: {} };
}

describe("a notebook in a folder that is not trusted", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  const mark = (by: string): string =>
    `document.body.dataset.ran = (document.body.dataset.ran ?? '') + '${by} '`;
  const html = `<p>from the file</p><script>${mark("script")}</script><img src="x:" onerror="${mark("image")}">`;
  const figure = {
    data: [{ y: [1, 3, 2], name: `<img src="x:" onerror="${mark("figure")}">` }],
    layout: { title: { text: `Loss<script>${mark("title")}</script>` } },
  };
  useWorkbench({
    trusted: false,
    files: {
      "stranger.ipynb": notebookFile(
        code("'ran'", [display({ "text/html": html, "text/plain": "plain" })]),
        code("plot", [display({ "application/vnd.plotly.v1+json": figure, "text/plain": "A figure" })]),
        code("widget", [
          display({ "application/javascript": `${mark("javascript")};`, "text/plain": "A program" }),
        ]),
      ),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("stranger.ipynb");
    },
  });

  it("shows its outputs, of which no script is active", async () => {
    const output = await page.cell(1).output();
    await output.locator("[data-drawn] .main-svg").first().waitFor();
    await workbench.screenshot("untrusted-notebook");
    // VS Code shows no HTML and no program here; the figure's texts are texts.
    assert.equal(await page.outputs.getByText("from the file").count(), 0);
    assert.match(await output.innerText(), /<script>/);
    assert.equal(await page.outputs.locator("body").getAttribute("data-ran"), null);
  });

  it("runs no cell: VS Code asks for trust first", async () => {
    await page.cell(0).startRun();
    await workbench.page.getByText("Do you trust the authors of the files in this folder?").waitFor();
    await workbench.screenshot("untrusted-run");
    await workbench.dialog("Cancel");
    assert.equal(await page.cell(0).executionCount(), "");
    assert.equal(await page.cell(0).status(), "none");
  });

  it("offers no command that would run something", async () => {
    const offered = await workbench.commands("Tenon: ");
    for (const title of [
      "Restart Kernel",
      "Run With Parameters…",
      "Run Stale Cells",
      "View Data…",
      "Debug This Cell",
    ])
      assert.ok(!offered.some((each) => each.includes(title)), title);
  });

  it("runs once the folder is trusted", async () => {
    await page.cell(0).startRun();
    await workbench.dialog("Trust Folder & Continue");
    await page.cell(0).waitForOutput("ran");
    // The number comes with the end of the run.
    await page.cell(0).waitForStatus("success");
    assert.equal(await page.cell(0).executionCount(), "1");
  });
});
