/** @file The first steps of somebody new: a sample, the status bar, a package that is missing, the doctor, the walkthrough. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { requireChromium } from "../../support/chromium.ts";
import { code, notebook } from "../../export-html/sample-notebook.ts";
import { type NpmRegistry, startRegistry } from "../first-use/npm-registry.ts";
import { waitUntil } from "../support/wait-until.ts";
import { Workbench } from "../support/workbench.ts";

describe("first use of VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let registry: NpmRegistry;

  before(async function () {
    requireChromium(this);
    registry = await startRegistry(
      "greeting",
      "1.0.0",
      "exports.greet = (name) => `Hello, ${name}`;",
      "export declare function greet(name: string): string;",
    );
    workbench = await Workbench.open({
      files: {
        ".npmrc": `registry=${registry.url}\naudit=false\n`,
        "missing.ipynb": notebook([code('import { greet } from "greeting";\ngreet("Ada")', [])]),
      },
    });
  });
  after(async () => {
    await workbench?.close();
    await registry?.stop();
  });

  it("opens a copy of a sample, which runs, and shows its kernel in the status bar", async () => {
    await waitUntil("the extension's commands", async () =>
      (await workbench.commands("Tenon: Open Sample")).includes("Tenon: Open Sample…"),
    );
    await workbench.startCommand("Tenon: Open Sample…");
    await workbench.quickWidget().getByText("A tour of TypeScript cells").waitFor();
    await workbench.screenshot("samples");
    await workbench.quickPick("A tour of TypeScript cells");
    await workbench.quickPick("workspace");
    const page = workbench.notebook();
    await page.shows();
    assert.ok(existsSync(join(workbench.workspace, "00-tour.ipynb")));
    await page.cell(1).run();
    assert.equal(await page.cell(1).status(), "success");
    const status = workbench.page.locator(".statusbar-item", { hasText: "TypeScript · " }).first();
    await waitUntil("the kernel to be idle", async () => (await status.innerText()).includes("idle"));
    await waitUntil("its memory to show", async () => /\d MB/.test(await status.innerText()));
    await workbench.screenshot("status-bar");
    await status.click();
    const menu = workbench.quickWidget();
    await menu.getByText("Show Log").waitFor();
    await workbench.screenshot("kernel-menu");
    await workbench.page.keyboard.press("Escape");
  });

  it("installs a package that a cell misses, and runs the cell again", async () => {
    const page = await workbench.openNotebook("missing.ipynb");
    const cell = page.cell(0);
    await cell.row.locator(".run-button-container .codicon-notebook-execute").click();
    await cell.waitForStatus("error");
    const install = cell.row.locator(".cell-status-item", { hasText: "Install greeting" });
    await install.waitFor();
    await workbench.screenshot("missing-package");
    await install.click();
    await cell.waitForStatus("success");
    await install.waitFor({ state: "hidden" });
  });

  it("shows the doctor's findings", async () => {
    await workbench.command("Tenon: Doctor: Examine This Machine");
    const page = await workbench.webview("The essentials work.");
    await page.getByRole("heading", { name: "Kernel" }).waitFor();
    await workbench.screenshot("doctor");
  });

  it("has a walkthrough whose steps have their pictures", async () => {
    await workbench.startCommand("Welcome: Open Walkthrough...");
    await workbench.quickPick("Get Started with TypeScript Notebooks");
    await workbench.page.getByText("Create a notebook").first().waitFor();
    const picture = await workbench.webview("A new notebook");
    await picture.locator("svg").first().waitFor();
    await workbench.screenshot("walkthrough");
  });
});
