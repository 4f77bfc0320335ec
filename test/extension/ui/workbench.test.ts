/** @file The test bed itself: what a person does in VS Code's window is done, and what they see is read. */
import assert from "node:assert/strict";
import { requireChromium } from "../../support/chromium.ts";
import { code, markdown, notebookFile } from "../support/notebook-file.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import { Workbench } from "../support/workbench.ts";

describe("VS Code's window", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  useWorkbench({
    files: {
      "a.ipynb": notebookFile(
        code("console.log(1)", [{ output_type: "stream", name: "stdout", text: "one\n" }]),
        markdown("# Title"),
        code("1 + 1", []),
      ),
      "run.ipynb": notebookFile('console.log("one")', ...Array.from({ length: 29 }, (_, at) => `${at + 1}`)),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("opens a notebook, reads and edits its cells", async () => {
    const notebook = await workbench.openNotebook("a.ipynb");
    await notebook.cell(1).select();
    assert.equal(await notebook.cellCount(), 3);
    assert.equal(await notebook.cell(0).outputText(), "one");
    assert.equal(await notebook.cell(2).text(), "1 + 1");
    await notebook.cell(2).edit("const answer = (40 + 2)\nanswer");
    assert.equal(await notebook.cell(2).text(), "const answer = (40 + 2)\nanswer");
  });

  it("runs commands by the palette, and answers what they ask", async () => {
    await workbench.setTheme("high contrast");
    await workbench.setTheme("dark");
    await workbench.setTheme("light");
    const outline = await workbench.sidebar("Outline");
    assert.ok(await outline.isVisible());
  });

  it("runs cells and reads what they print", async () => {
    const notebook = await workbench.openNotebook("run.ipynb");
    await notebook.runAll();
    assert.equal(await notebook.cell(0).outputText(), "one");
    await notebook.cell(29).waitForStatus("success");
    assert.equal(await notebook.cell(29).outputText(), "29");
    await notebook.cell(0).edit('console.log("two")');
    await notebook.cell(0).run();
    await notebook.cell(0).waitForOutput("two");
    assert.equal(await notebook.cell(0).text(), 'console.log("two")');
    await notebook.save();
    await workbench.screenshot("cells-run");
  });

  it("comes back after a reload with the notebook that was open", async () => {
    await workbench.reload();
    await workbench.notebook().shows();
    assert.equal(await workbench.notebook().cellCount(), 30);
  });
});

describe("VS Code's window on a folder that is not trusted", function () {
  this.timeout(600_000);

  it("says that the folder is restricted", async function () {
    requireChromium(this);
    const workbench = await Workbench.open({ trusted: false, files: { "a.ipynb": notebookFile("1") } });
    try {
      await workbench.page.getByRole("button", { name: "Restricted Mode" }).first().waitFor();
      await workbench.openNotebook("a.ipynb");
      await workbench.screenshot("untrusted");
    } finally {
      await workbench.close();
    }
  });
});
