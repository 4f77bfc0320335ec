/** @file The language of cells: nothing false from VS Code's own TypeScript, answers by the kernel. */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { code, notebook } from "../../export-html/sample-notebook.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("TypeScript in cells, in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: {
      "wrong.ts": "export const wrong: string = 1;\n",
      "cells.ipynb": notebook([
        code("import { sep } from 'node:path';\n%env MODE=test", []),
        code("/** How tall, in cm. */\nconst heights = [171, 168];", []),
        code("await Promise.resolve(sep);\nconst heights = 'told anew';", []),
        code("heights", []),
      ]),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  const marks = (): Locator =>
    workbench.page.locator(
      ".squiggly-error, .squiggly-warning, .squiggly-info, .squiggly-hint, .squiggly-unnecessary, .squiggly-inline-unnecessary",
    );

  it("VS Code's TypeScript marks errors of files, and nothing in cells", async () => {
    await workbench.openFile("wrong.ts");
    await workbench.page.locator(".squiggly-error").first().waitFor();
    await workbench.page.keyboard.press("ControlOrMeta+F4");
    page = await workbench.openNotebook("cells.ipynb");
    await page.cell(1).edit("const heights = [171, 168, 180];");
    // As long as the server needs for a file, twice over.
    await workbench.page.waitForTimeout(6000);
    await workbench.screenshot("no-false-squiggles");
    assert.equal(await marks().count(), 0);
  });

  it("hovers say what the kernel knows", async () => {
    await page.cell(1).run();
    await page.cell(3).reveal();
    await page.cell(3).row.locator(".view-line span", { hasText: "heights" }).last().hover();
    const hover = workbench.page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "number[]" });
    await hover.waitFor();
    assert.equal(await hover.locator(".hover-row").count(), 1, "one answer, the kernel's");
    await workbench.screenshot("kernel-hover");
  });

  it("completions come from the kernel", async () => {
    await page.cell(3).edit("heights.");
    await workbench.page.keyboard.press("Control+Space");
    const list = workbench.page.locator(".suggest-widget.visible");
    await list.waitFor();
    await waitUntil("the array's methods", async () => (await list.innerText()).includes("concat"));
    await workbench.screenshot("kernel-completion");
    await workbench.page.keyboard.type("revers");
    await workbench.page.keyboard.press("Enter");
    await waitUntil("the completed name", async () => (await page.cell(3).text()) === "heights.reverse");
  });
});
