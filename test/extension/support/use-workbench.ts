/** @file One window of VS Code for all tests of a suite. */
import { requireChromium } from "../../support/chromium.ts";
import { Workbench, type WorkbenchOptions } from "./workbench.ts";

/**
 * Opens a window before the suite's first test and closes it after the last; the suite is skipped where there is no
 * browser. `ready` is given the window, and can make it ready for the tests.
 */
export function useWorkbench(
  options: WorkbenchOptions,
  ready: (workbench: Workbench) => void | Promise<void>,
): void {
  let workbench: Workbench | undefined;
  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open(options);
    await ready(workbench);
  });
  after(async () => await workbench?.close());
}
