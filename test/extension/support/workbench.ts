/** @file VS Code's window as a person uses it: in Chromium, with the extension, on a workspace of its own. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { repositoryRoot } from "../../support/repository.ts";
import { startChromium } from "../../support/chromium.ts";
import { installedExtension } from "./installed-extension.ts";
import { NotebookPage } from "./notebook-page.ts";
import { waitUntil } from "./wait-until.ts";
import { type Settings, WorkbenchServer } from "./workbench-server.ts";

/** VS Code's themes that screenshots are made in. */
export type Theme = "light" | "dark" | "high contrast";

const themes: Readonly<
  Record<Theme, { readonly id: string; readonly label: string; readonly shows: string }>
> = {
  light: { id: "Light Modern", label: "Light Modern", shows: ".vs" },
  dark: { id: "Dark Modern", label: "Dark Modern", shows: ".vs-dark" },
  "high contrast": { id: "Default High Contrast", label: "Dark High Contrast", shows: ".hc-black" },
};

/** How long a window may take for anything, in milliseconds: long enough for a machine that is busy with other things. */
const patience = 120_000;

export interface WorkbenchOptions {
  /** The workspace's files by their paths; an object is written as JSON. */
  readonly files?: Readonly<Record<string, string | Uint8Array | object>>;
  /** A folder whose content is copied into the workspace first. */
  readonly folder?: string;
  readonly settings?: Settings;
  readonly theme?: Theme;
  /** True takes the packaged extension also where `TENON_UI_UNPACKED` asks for the checkout. */
  readonly packaged?: boolean;
  /** VS Code's display language, for extensions; its own words stay English without a language pack. */
  readonly language?: string;
  /** False leaves Workspace Trust on, with a workspace that is not trusted. */
  readonly trusted?: boolean;
}

/** Where {@link Workbench.screenshot} writes. */
export const screenshotFolder: string = join(repositoryRoot, "test/output/extension");

export class Workbench {
  /** The page, for what this class has no word for. */
  readonly page: Page;
  readonly server: WorkbenchServer;
  readonly #browser: Browser;
  readonly #trusted: boolean;

  private constructor(server: WorkbenchServer, browser: Browser, page: Page, trusted: boolean) {
    this.server = server;
    this.#browser = browser;
    this.page = page;
    this.#trusted = trusted;
  }

  /** The workspace's folder. */
  get workspace(): string {
    return this.server.workspace;
  }

  /** Opens a workspace in a new window of a new VS Code. */
  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const { files = {}, folder, settings = {}, theme = "light", trusted = true } = options;
    const server = await WorkbenchServer.start({
      extensions: await installedExtension(options.packaged),
      settings: { "workbench.colorTheme": themes[theme].id, ...settings },
      trusted,
    });
    let browser: Browser | undefined;
    try {
      if (folder !== undefined) cpSync(folder, server.workspace, { recursive: true });
      for (const [path, content] of Object.entries(files)) writeFile(join(server.workspace, path), content);
      browser = await startChromium();
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
      context.setDefaultTimeout(patience);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      if (options.language !== undefined) await context.addInitScript(setLanguage, options.language);
      const workbench = new Workbench(server, browser, await context.newPage(), trusted);
      await workbench.#load();
      return workbench;
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw error;
    }
  }

  /** Loads the window anew, as after "Developer: Reload Window". */
  async reload(): Promise<void> {
    const active = this.page.locator('.tabs-container .tab.active[data-resource-name$=".ipynb"]').first();
    const notebook = (await active.count()) > 0 ? await active.getAttribute("data-resource-name") : undefined;
    // A browser's window keeps every few seconds which editors are open, and not as it goes.
    if (notebook)
      await waitUntil(`the window to keep that ${notebook} is open`, async () =>
        (await this.page.evaluate(keptEditors)).includes(encodeURI(notebook)),
      );
    await this.#load();
  }

  /** A second window on the same workspace. */
  async newWindow(): Promise<Workbench> {
    const page = await this.page.context().newPage();
    const workbench = new Workbench(this.server, this.#browser, page, this.#trusted);
    await workbench.#load();
    return workbench;
  }

  /** Runs a command through the palette, by the title that the palette shows. */
  async command(title: string): Promise<void> {
    await this.startCommand(title);
    await this.#quickWidget().waitFor({ state: "hidden" });
  }

  /** Runs a command that goes on to ask something: {@link quickPick} or {@link quickInput} comes next. */
  async startCommand(title: string): Promise<void> {
    const row = this.#quickRows()
      .filter({ has: this.page.locator(`.label-name`).getByText(title, { exact: true }) })
      .first();
    const end = performance.now() + patience;
    // What is offered goes by the editor in front, and is not looked at again while the palette is open.
    for (let isThere = false; !isThere && performance.now() < end;) {
      const input = await this.#openPalette();
      await input.fill(`>${title}`);
      isThere = await row.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => false,
      );
      if (!isThere) await this.page.keyboard.press("Escape");
    }
    await this.#clickRow(row);
  }

  /** The titles that the palette offers for a text. */
  async commands(text: string): Promise<readonly string[]> {
    const input = await this.#openPalette();
    await input.fill(`>${text}`);
    const rows = this.#quickRows().locator(".quick-input-list-label, .quick-input-list-row").first();
    await rows.waitFor();
    const labels = await this.#quickRows().locator(".label-name").allTextContents();
    await this.page.keyboard.press("Escape");
    return labels;
  }

  /** Chooses an entry of the list that is open, or of the one with a title once it is, by a text in it. */
  async quickPick(text: string, title?: string): Promise<void> {
    if (title !== undefined)
      await this.#quickWidget().locator(".quick-input-title").getByText(title, { exact: true }).waitFor();
    const row = this.#quickRows().filter({ hasText: text }).first();
    // The box of a question before the list is no place to search in.
    await this.#quickRows().first().waitFor();
    const isThere = await row.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    // A long list shows its beginning only.
    if (!isThere) await this.#quickWidget().locator("input.input").first().fill(text);
    await this.#clickRow(row);
  }

  /** Clicks an entry. The hint of the entry under the mouse may lie over it, and goes with the mouse. */
  async #clickRow(row: Locator): Promise<void> {
    await this.page.mouse.move(0, 0);
    await row.click();
  }

  /** Answers the question that is open, or the one with a title once it is: the list before it has the same box. */
  async quickInput(text: string, title?: string): Promise<void> {
    if (title !== undefined)
      await this.#quickWidget().locator(".quick-input-title").getByText(title, { exact: true }).waitFor();
    const input = this.#quickWidget().locator("input").first();
    await input.waitFor();
    await input.fill(text);
    await input.press("Enter");
  }

  /** The question or list that is open: its title, prompt and entries. */
  quickWidget(): Locator {
    return this.#quickWidget();
  }

  /** The notifications that show now, as text. */
  async notifications(): Promise<readonly string[]> {
    return await this.notification().locator(".notification-list-item-message").allInnerTexts();
  }

  /** The notification with a text; wait for it, or press a button in it by its name. */
  notification(text = ""): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** Answers a dialog by its button. */
  async dialog(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box").getByRole("button", { name: button }).click();
  }

  /** Replaces the workspace's settings, and waits until VS Code has read them: the breadcrumbs go with them. */
  async setWorkspaceSettings(settings: Settings): Promise<void> {
    const breadcrumbs = this.page.locator(".breadcrumbs-below-tabs, .breadcrumbs-control").first();
    await breadcrumbs.waitFor();
    writeFile(join(this.workspace, ".vscode/settings.json"), { ...settings, "breadcrumbs.enabled": false });
    await breadcrumbs.waitFor({ state: "hidden" });
  }

  /** Opens a file of the workspace by its path. */
  async openFile(path: string): Promise<void> {
    const name = path.split("/").at(-1) ?? path;
    const row = this.#quickRows().filter({ hasText: name }).first();
    // Files are looked for once, also before the folder's search is ready.
    await waitUntil(`the file ${path}`, async () => {
      await (await this.#openPalette()).fill(path);
      const isThere = await row.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => false,
      );
      if (!isThere) await this.page.keyboard.press("Escape");
      return isThere;
    });
    await this.#clickRow(row);
    await this.page.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`).first().waitFor();
  }

  /** Opens a notebook of the workspace and waits until its cells show. */
  async openNotebook(path: string): Promise<NotebookPage> {
    await this.openFile(path);
    const notebook = this.notebook();
    await notebook.shows();
    return notebook;
  }

  /** The notebook in front. */
  notebook(): NotebookPage {
    return new NotebookPage(this.page, this.#trusted);
  }

  /** A view of the side bar or panel, brought to front by "View: Focus on … View". */
  async sidebar(viewName: string): Promise<Locator> {
    const pane = this.page
      .locator(".pane")
      .filter({ has: this.page.locator(".pane-header", { hasText: viewName }) });
    if (!(await pane.first().isVisible())) await this.command(`${viewName}: Focus on ${viewName} View`);
    await pane.first().waitFor();
    return pane.first();
  }

  /** The content of a webview, by the title of its page (or a text that its page holds). */
  async webview(title: string): Promise<FrameLocator> {
    const outer = this.page.locator("iframe.webview");
    let found: FrameLocator | undefined;
    await waitUntil(`a webview "${title}"`, async () => {
      for (const [index, frame] of (await outer.all()).entries()) {
        if (!(await frame.isVisible())) continue;
        const content = outer.nth(index).contentFrame().frameLocator("#active-frame");
        if (await holds(content, title)) found = content;
      }
      return found !== undefined;
    });
    if (found === undefined) throw new Error(`no webview "${title}"`);
    return found;
  }

  /** Changes the theme and waits until it shows. */
  async setTheme(theme: Theme): Promise<void> {
    await this.startCommand("Preferences: Color Theme");
    await this.quickPick(themes[theme].label);
    await this.page.locator(`.monaco-workbench${themes[theme].shows}`).waitFor();
  }

  /** Writes a picture of the window to `test/output/extension/NAME.png`. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshotFolder, { recursive: true });
    const path = join(screenshotFolder, `${name}.png`);
    await this.page.screenshot({ path, animations: "disabled" });
  }

  /** Ends VS Code, its kernels and the browser. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
  }

  async #load(): Promise<void> {
    await this.page.goto(`${this.server.url}/?folder=${encodeURIComponent(this.server.workspace)}`);
    await this.page.locator(".monaco-workbench").waitFor();
    // The extension host is up when the Explorer has its files and status bar items have come.
    await this.page.locator('.explorer-folders-view[role="none"], .explorer-folders-view').first().waitFor();
  }

  async #openPalette(): Promise<Locator> {
    const input = this.#quickWidget().locator("input.input").first();
    await this.page.keyboard.press("F1");
    await input.waitFor();
    return input;
  }

  #quickWidget(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  #quickRows(): Locator {
    return this.#quickWidget().locator(".quick-input-list .monaco-list-row");
  }
}

/** Runs in the window: what VS Code has stored of the editors that are open. No function in it has a name, which tsx would keep by a helper. */
async function keptEditors(): Promise<string> {
  let kept = "";
  for (const { name = "" } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db-")) continue;
    kept += await new Promise<string>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.addEventListener("error", () => reject(new Error(String(opening.error))));
      opening.addEventListener("success", () => {
        const database = opening.result;
        const store = database.transaction("ItemTable").objectStore("ItemTable");
        const reading = store.get("memento/workbench.parts.editor");
        reading.addEventListener("error", () => reject(new Error(String(reading.error))));
        reading.addEventListener("success", () => {
          database.close();
          resolve(String(reading.result));
        });
      });
    });
  }
  return kept;
}

/** Runs in the window, before VS Code, which finds its language there. */
function setLanguage(language: string): void {
  Reflect.set(globalThis, "_VSCODE_NLS_LANGUAGE", language);
}

async function holds(content: FrameLocator, title: string): Promise<boolean> {
  try {
    if ((await content.locator("title").allTextContents()).includes(title)) return true;
    return await content.getByText(title).first().isVisible();
  } catch (error) {
    // The page is being replaced; the next look finds the new one.
    if (error instanceof Error && error.message.includes("Execution context was destroyed")) return false;
    throw error;
  }
}

function writeFile(path: string, content: string | Uint8Array | object): void {
  mkdirSync(dirname(path), { recursive: true });
  const isText = typeof content === "string" || content instanceof Uint8Array;
  writeFileSync(path, isText ? content : JSON.stringify(content, null, 1));
}
