/** @file The notebook in front, as a person uses it. */
import type { FrameLocator, Locator, Page } from "playwright-core";
import { CellPage } from "./cell-page.ts";
import { waitUntil, waitUntilSettled } from "./wait-until.ts";

const runPatience = 120_000;

export class NotebookPage {
  /** The page that the outputs of all cells are in. */
  readonly outputs: FrameLocator;
  readonly #page: Page;
  readonly #editor: Locator;
  readonly #getsKernel: boolean;

  /** Notebooks of folders that are not trusted get no kernel. */
  constructor(page: Page, getsKernel: boolean) {
    this.#page = page;
    this.#getsKernel = getsKernel;
    this.#editor = page.locator(".notebookOverlay").filter({ visible: true }).first();
    this.outputs = this.#editor
      .locator(".monaco-list-rows iframe.webview.ready")
      .contentFrame()
      .frameLocator("#active-frame");
  }

  /** Waits until the notebook's cells show and, where it gets one, its kernel is chosen: VS Code asks who runs a cell before. */
  async shows(): Promise<void> {
    await this.#toolbar().waitFor();
    // A rendered text cell shows in the page of outputs; its row is empty.
    await this.#list().locator(".monaco-list-row").first().waitFor({ state: "attached" });
    if (this.#getsKernel) await this.#toolbar().locator(".kernel-label", { hasText: "TypeScript" }).waitFor();
  }

  /** A cell by its place, from 0. */
  cell(index: number): CellPage {
    return new CellPage(this.#page, this.#list(), this.outputs, index);
  }

  /** How many cells the notebook has. */
  async cellCount(): Promise<number> {
    const row = this.#list().locator(".monaco-list-row").first();
    if ((await row.count()) === 0) return 0;
    return Number(await row.getAttribute("aria-setsize"));
  }

  /** Runs all cells by the toolbar's button, and waits until they have run. */
  async runAll(): Promise<void> {
    const codeRow = this.#list().locator(".monaco-list-row.code-cell-row").first();
    const label = codeRow.locator(".execution-count-label").first();
    const before = (await codeRow.count()) > 0 ? await label.innerText() : "";
    await this.startRunAll();
    await waitUntil(
      "the first cell to start",
      async () =>
        (await this.isRunning()) || ((await codeRow.count()) > 0 && (await label.innerText()) !== before),
      runPatience,
    );
    await this.waitForIdle();
  }

  /** Presses "Run All". */
  async startRunAll(): Promise<void> {
    await this.toolbar("Run All");
  }

  /** Waits until no cell runs or waits to run. */
  async waitForIdle(patience = runPatience): Promise<void> {
    await waitUntilSettled("the notebook to be idle", async () => !(await this.isRunning()), { patience });
  }

  /** True while a cell runs or waits to run. */
  async isRunning(): Promise<boolean> {
    const running = this.#editor.locator(
      ".cell-status-item .codicon-notebook-state-executing, .cell-status-item .codicon-notebook-state-pending",
    );
    const interrupt = this.#toolbar().locator('a.action-label[aria-label^="Interrupt"]');
    return (await running.count()) > 0 || (await interrupt.count()) > 0;
  }

  /** Presses a button of the notebook's toolbar, by the beginning of its name; also one that is in "More Actions…". */
  async toolbar(name: string): Promise<void> {
    const button = this.#toolbar().locator(`a.action-label[aria-label^="${name}"]`).first();
    const item = this.#page.locator(".monaco-menu").getByRole("menuitem", { name }).first();
    // The toolbar follows the notebook's state a moment later, and a menu that is open does not follow it.
    await waitUntil(`a button "${name}"`, async () => {
      if (await isThere(button)) return true;
      await this.#toolbar().locator('a.action-label[aria-label^="More Actions"]').first().click();
      if (await isThere(item)) return true;
      await this.#page.keyboard.press("Escape");
      return false;
    });
    await ((await item.isVisible()) ? item : button).click();
  }

  /** What the kernel button in the toolbar says. */
  async kernel(): Promise<string> {
    return await this.#toolbar().locator(".kernel-label").innerText();
  }

  /** Chooses a kernel by a text in its name. */
  async selectKernel(name: string): Promise<void> {
    await this.#toolbar().locator(".kernel-action-view-item").click();
    const row = this.#page.locator(".quick-input-list .monaco-list-row").filter({ hasText: name }).first();
    await row.click();
    await this.#toolbar().locator(".kernel-label", { hasText: name }).waitFor();
  }

  /** Saves the notebook and waits until it is saved. */
  async save(): Promise<void> {
    await this.#page.keyboard.press("ControlOrMeta+s");
    await this.#page.locator(".tabs-container .tab.active:not(.dirty)").first().waitFor();
  }

  /** The notebook's element, for what this class has no word for. */
  get editor(): Locator {
    return this.#editor;
  }

  #list(): Locator {
    return this.#editor.locator(".cell-list-container .monaco-list").first();
  }

  #toolbar(): Locator {
    return this.#editor.locator(".notebook-toolbar-container");
  }
}

/** True where an element shows within a moment. */
async function isThere(locator: Locator): Promise<boolean> {
  return await locator.waitFor({ timeout: 2_000 }).then(
    () => true,
    () => false,
  );
}
