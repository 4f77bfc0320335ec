/** @file The notebook's graph beside the notebook: live, in all themes, and it leads to the cells. */
import assert from "node:assert/strict";
import type { FrameLocator, Locator } from "playwright-core";
import { code, markdown, notebook } from "../../export-html/sample-notebook.ts";
import { checkThemes } from "../support/axe.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("the graph of a notebook in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;
  let graph: FrameLocator;

  useWorkbench({
    files: {
      "growth.ipynb": notebook([
        code("import { readFile } from 'node:fs/promises';", []),
        markdown("# Growth\n\n## Load the data"),
        code("const heights = [171, 168, 180];\nconst names = ['Kim', 'Lee', 'Park'];", []),
        code("const mean = heights.reduce((sum, each) => sum + each) / heights.length;", []),
        code("const deviation = heights.map((each) => each - mean);", []),
        markdown("## Report"),
        code("names.map((name, index) => `${name}: ${deviation[index]}`)", []),
        code("await readFile('none.txt')", []),
        code("'alone'", []),
      ]),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("growth.ipynb");
      await workbench.command("Tenon: Notebook Graph");
      graph = await workbench.webview("Notebook Graph");
      await cell("Load the data").waitFor();
    },
  });

  const cell = (label: string): Locator => graph.locator(".cell").filter({ hasText: label });
  const states = async (): Promise<string> =>
    (await graph.locator(".cell").all())
      .map(async (each) => (await each.getAttribute("data-state")) ?? "")
      .reduce(async (all, state) => `${await all} ${await state}`.trim(), Promise.resolve(""));
  const shows = async (wanted: string): Promise<void> => {
    let seen = "";
    await waitUntil(`the states to be ${wanted}`, async () => (seen = await states()) === wanted).catch(
      () => {
        assert.equal(seen, wanted);
      },
    );
  };

  it("shows the cells by headings and first lines, with the names on the edges", async () => {
    assert.equal(await graph.locator(".cell").count(), 7);
    assert.equal(await cell("Report").locator(".number").innerText(), "7");
    assert.deepEqual((await graph.locator(".edge text").allTextContents()).sort(), [
      "deviation",
      "heights",
      "heights",
      "mean",
      "names",
      "readFile",
    ]);
    assert.match((await cell("Report").getAttribute("title")) ?? "", /uses .*names \(3\)/);
  });

  it("follows runs, failures and edits, is accessible, and runs the stale cells", async () => {
    await shows("new new new new new new new");
    await page.runAll();
    await waitUntil("a failure", async () => (await states()).includes("failed"));
    await page.cell(3).edit("const mean = 170;");
    await waitUntil("stale cells", async () => (await states()).includes("stale"));
    await cell("const deviation").hover();
    await checkThemes(workbench, graph, "notebook-graph");
    await graph.getByRole("button", { name: "Run Stale Cells" }).click();
    await waitUntil("no stale cells", async () => !(await states()).includes("stale"));
  });

  it("leads to a cell by a click", async () => {
    await cell("Report").click();
    await workbench.page.locator('.monaco-list-row.focused[data-index="6"]').waitFor();
  });

  it("is there again after the window was loaded anew", async () => {
    await workbench.reload();
    graph = await workbench.webview("Notebook Graph");
    await cell("Report").waitFor();
  });
});
