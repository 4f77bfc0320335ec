/** @file One window of VS Code for all tests of a suite. */
import { requireChromium } from "../../support/chromium.ts";
import { Workbench, type WorkbenchOptions } from "./workbench.ts";

export interface SuiteWorkbenchOptions extends WorkbenchOptions {
  /** Is given the window before the first test, and can make it ready. */
  readonly ready: (workbench: Workbench) => void | Promise<void>;
}

/** Opens a window for the tests of the suite and closes it after them, with a picture of each failure; they are skipped where there is no browser. */
export function useWorkbench({ ready, ...options }: SuiteWorkbenchOptions): void {
  let workbench: Workbench | undefined;
  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open(options);
    await ready(workbench);
  });
  afterEach(async function () {
    const { state, title = "" } = this.currentTest ?? {};
    if (state === "failed")
      await workbench?.screenshot(`failed ${title.replaceAll(/[^\w ]/g, "").slice(0, 60)}`);
  });
  after(async () => await workbench?.close());
}
