/** @file JupyterLab itself in a browser: a widget, subshells, completion, an interrupt. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startChromium } from "../support/chromium.ts";
import { repositoryRoot } from "../support/repository.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { startJupyterServer } from "./jupyter-server.ts";
import { kernelEnvironment } from "./kernel-environment.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const notebook = "anywidget-counter.ipynb";

export const jupyterlab: InteropSuite = {
  name: "jupyterlab",
  about:
    "JupyterLab in Chromium: an anywidget both ways, also while a cell awaits (subshells), completion by type, interrupt",
  peer: "jupyterlab 4.6.6, anywidget 0.11.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const environment = await kernelEnvironment("jupyterlab");
      cpSync(join(repositoryRoot, "samples/extras", notebook), join(folder, notebook));
      const server = await startJupyterServer("lab", environment, folder);
      const browser = await startChromium();
      try {
        const page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
        page.setDefaultTimeout(20_000);
        await page.goto(`${server.url}lab/tree/${notebook}?token=${server.token}`);
        return (await driveNotebook(page)).result;
      } finally {
        await browser.close();
        await server.stop();
      }
    }),
};

async function driveNotebook(page: Page): Promise<Checks> {
  const checks = new Checks();
  const counter = page.locator(".jp-OutputArea button.tenon-counter");
  const status = page.locator(".jp-Cell .jp-RenderedMarkdown");
  const lastCell = page.locator(".jp-Notebook .jp-CodeCell").last();

  const addCell = async (code: string): Promise<void> => {
    await lastCell.locator(".cm-content").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("b");
    await page.keyboard.press("Enter");
    await page.keyboard.insertText(code);
  };

  await checks.check("runs all cells on the notebook's kernel", async () => {
    await page.getByText("TypeScript (Tenon)").first().waitFor();
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    await lastCell.locator(".jp-OutputArea-executeResult", { hasText: "100" }).waitFor();
  });
  await checks.check("draws the widget with the kernel's state", async () => {
    await counter.filter({ hasText: "count is 100" }).waitFor();
  });
  await checks.check("tells the kernel of a click, whose display shows it", async () => {
    await counter.click();
    await counter.filter({ hasText: "count is 110" }).waitFor();
    await status.filter({ hasText: "from 100 to 110" }).waitFor();
  });
  await checks.check("does so while a cell awaits, over a subshell", async () => {
    await addCell("await new Promise((done) => setTimeout(done, 6000)); 'slept'");
    await page.keyboard.press("Control+Enter");
    await page.locator(".jp-InputPrompt", { hasText: "[*]" }).waitFor();
    await counter.click();
    await status.filter({ hasText: "from 110 to 120" }).waitFor();
    if ((await page.locator(".jp-InputPrompt", { hasText: "[*]" }).count()) === 0)
      throw new Error("the cell had ended before");
    await lastCell.locator(".jp-OutputArea-executeResult", { hasText: "slept" }).waitFor();
  });
  await checks.check("completes by type", async () => {
    await addCell("counter.ge");
    await page.keyboard.press("Tab");
    await page.locator(".jp-Completer-item", { hasText: "get" }).first().waitFor();
    await page.keyboard.press("Enter");
    await lastCell.locator(".cm-content", { hasText: "counter.get" }).waitFor();
  });
  await checks.check("interrupts a loop and goes on", async () => {
    await addCell("while (true) {}");
    await page.keyboard.press("Control+Enter");
    await page.locator(".jp-InputPrompt", { hasText: "[*]" }).waitFor();
    await page.getByRole("menuitem", { name: "Kernel", exact: true }).click();
    await page.getByRole("menuitem", { name: "Interrupt Kernel" }).click();
    await lastCell.locator(".jp-OutputArea", { hasText: "Interrupted" }).waitFor();
    await addCell("counter.get('count') + 1");
    await page.keyboard.press("Control+Enter");
    await lastCell.locator(".jp-OutputArea-executeResult", { hasText: "121" }).waitFor();
  });
  return checks;
}
