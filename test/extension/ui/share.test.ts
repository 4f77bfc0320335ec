/** @file Export, import and saving without outputs, as a person does them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseNotebook, joinText } from "../../../jupyter/notebook-file.ts";
import { code, markdown, notebook } from "../../export-html/sample-notebook.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("sharing a notebook from VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: {
      "before.ipynb": notebook([markdown("# 보고서"), code("const total = 40;", []), code("total", [])]),
      "report.ipynb": notebook([
        markdown("# 보고서"),
        code("const total = 40;", []),
        code("total", [
          { output_type: "execute_result", data: { "text/plain": "40" }, metadata: {}, execution_count: 1 },
        ]),
      ]),
    },
    settings: { "tenon.clearOutputsOnSave": true },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("report.ipynb");
    },
  });

  const path = (name: string): string => join(workbench.workspace, name);
  /** Chooses the file that the dialog suggests. */
  const accept = async (suggested: string): Promise<void> => {
    const input = workbench.page.locator(".quick-input-widget input").filter({ visible: true }).first();
    await input.waitFor();
    await waitUntil(`the suggestion ${suggested}`, async () =>
      (await input.inputValue()).endsWith(suggested),
    );
    await workbench.page.keyboard.press("Enter");
    await waitUntil(`the file ${suggested}`, async () => existsSync(path(suggested)));
  };

  it("as a page, with what is not saved yet", async () => {
    await page.cell(1).edit("const total = 41 + 1;");
    await workbench.startCommand("Tenon: Export as HTML");
    await accept("report.html");
    const html = readFileSync(path("report.html"), "utf8");
    assert.match(html, /보고서/);
    assert.match(html.replaceAll(/<[^>]+>/g, ""), /total = 41 \+ 1/);
    await workbench.page.locator(".notification-toast", { hasText: "Wrote report.html" }).waitFor();
  });

  it("as a module, and the module as a notebook", async () => {
    await workbench.startCommand("Tenon: Export as TypeScript Module");
    await accept("report.ts");
    const module = readFileSync(path("report.ts"), "utf8");
    assert.match(module, /^\/\/ # 보고서$/m);
    assert.match(module, /^const total = 41 \+ 1;$/m);
    await workbench.page.locator(".tab.active", { hasText: "report.ts" }).waitFor();
    await workbench.startCommand("Tenon: Import TypeScript Module as Notebook");
    const input = workbench.page.locator(".quick-input-widget input").filter({ visible: true }).first();
    await input.waitFor();
    await waitUntil("the suggestion", async () => (await input.inputValue()).endsWith("report.ipynb"));
    await input.fill(path("again.ipynb"));
    await workbench.page.keyboard.press("Enter");
    await waitUntil("the notebook", async () => existsSync(path("again.ipynb")));
    const cells = parseNotebook(readFileSync(path("again.ipynb"), "utf8")).cells;
    assert.deepEqual(
      cells.map((cell) => joinText(cell.source)),
      ["# 보고서", "const total = 41 + 1;", "total"],
    );
    await workbench.page.locator(".tab.active", { hasText: "again.ipynb" }).waitFor();
  });

  it("saves without outputs where the setting says so, and the cursor stays", async () => {
    page = await workbench.openNotebook("report.ipynb");
    await page.cell(2).edit("total + 1");
    await page.save();
    const saved = parseNotebook(readFileSync(path("report.ipynb"), "utf8"));
    assert.deepEqual(
      saved.cells.map((cell) => (cell.cell_type === "code" ? [cell.outputs, cell.execution_count] : [])),
      [[], [[], null], [[], null]],
    );
    assert.equal(joinText(saved.cells[2]?.source ?? ""), "total + 1");
    await page.cell(2).row.locator(".monaco-editor.focused").waitFor();
  });

  it("is compared cell by cell in VS Code's notebook diff", async () => {
    page = await workbench.openNotebook("report.ipynb");
    await workbench.startCommand("File: Compare Active File With...");
    await workbench.quickPick("before.ipynb");
    const diff = workbench.page.locator(".notebook-text-diff-editor");
    await diff.waitFor();
    const changed = diff.locator(".view-line").filter({ hasText: /^total.\+.1$/, visible: true });
    await changed.first().waitFor();
    await workbench.screenshot("notebook-diff");
  });
});
