/** @file Debugging as a person does it: a breakpoint in a cell, a step, a look at a variable. */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { code, notebook } from "../../export-html/sample-notebook.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

const sum = "let sum = 0;\nfor (const height of [171, 168]) {\n  sum += height;\n}\nsum";

describe("debugging in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: { "디버그.ipynb": notebook([code(sum, []), code("sum + 1", [])]) },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("디버그.ipynb");
    },
  });

  const button = (name: string): Locator =>
    workbench.page.locator(`.debug-toolbar a.action-label[aria-label^="${name}"]`).first();
  const pressed = async (name: string): Promise<void> => await button(name).click();
  /** The line that the program stands at, of the cell in sight. */
  const stoppedAt = async (text: string): Promise<void> => {
    await workbench.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await waitUntil(`a stop at ${text}`, async () => (await frameText()).includes(text));
  };
  const frameText = async (): Promise<string> =>
    (await workbench.page.locator(".debug-call-stack .stack-frame").allInnerTexts()).join("\n");
  /** A variable's row in a scope, which is opened where it is closed. */
  const variable = async (scope: string, name: string): Promise<string> => {
    const rows = workbench.page.locator(".debug-variables .monaco-list-row");
    const closed = rows.and(workbench.page.locator(`[aria-expanded="false"][aria-label^="Scope ${scope}"]`));
    const row = rows.and(workbench.page.locator(`[aria-label^="${name},"]`)).first();
    // The scopes come one by one, and a scope that comes closed has to be opened.
    await waitUntil(`${name} in ${scope}`, async () => {
      if ((await row.count()) > 0) return true;
      if ((await closed.count()) > 0) await closed.first().locator(".monaco-tl-twistie").click();
      return false;
    });
    return (await row.getAttribute("aria-label")) ?? "";
  };

  it("stops at a breakpoint of a cell, steps and shows variables", async () => {
    const cell = page.cell(0);
    await cell.reveal();
    const line = cell.row.locator(".view-lines .view-line").nth(2);
    await line.click();
    await workbench.page.keyboard.press("F9");
    await cell.row.locator(".codicon-debug-breakpoint").first().waitFor();
    await workbench.command("Tenon: Debug This Cell");
    await stoppedAt(":3");
    assert.match(await variable("Notebook", "sum"), /value 0$/);
    assert.match(await variable("Block", "height"), /value 171$/);
    await workbench.screenshot("debug-breakpoint");
    await pressed("Step Over");
    await waitUntil("the sum to change", async () => (await variable("Notebook", "sum")).endsWith(" 171"));
    await pressed("Continue");
    await waitUntil("the second stop", async () => (await variable("Block", "height")).endsWith(" 168"));
    await pressed("Continue");
    await cell.waitForOutput("339");
    await button("Stop").waitFor({ state: "hidden" });
  });

  it("stays attached over runs, and lets a stopped cell be interrupted", async () => {
    await workbench.command("Tenon: Attach Debugger to the Notebook");
    await button("Disconnect").waitFor();
    const cell = page.cell(0);
    await cell.row.locator(".run-button-container .codicon-notebook-execute").click();
    await stoppedAt(":3");
    await page.toolbar("Interrupt");
    await cell.waitForStatus("error");
    await workbench.page.locator(".debug-top-stack-frame-line").first().waitFor({ state: "hidden" });
    await workbench.screenshot("debug-attached");
    await pressed("Disconnect");
    await button("Disconnect").waitFor({ state: "hidden" });
    await cell.row.locator(".run-button-container .codicon-notebook-execute").click();
    await cell.waitForStatus("success");
  });
});
