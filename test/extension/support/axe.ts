/** @file What axe, the accessibility checker, finds wrong with a page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { FrameLocator } from "playwright-core";
import type { Workbench } from "./workbench.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const themes = ["dark", "high contrast", "light"] as const;

/** What is wrong with a webview's page, one line each. */
export async function violations(frame: FrameLocator): Promise<readonly string[]> {
  const body = frame.locator("body");
  // The page's policy lets no other script in; the browser's own evaluation is not bound by it.
  await body.evaluate(axeSource);
  const results = await body.evaluate(
    // SAFETY: axe, as evaluated above.
    async () => await (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Looks at a webview's page in each theme, with a picture of each and nothing wrong in any; ends with the light one. */
export async function checkThemes(workbench: Workbench, frame: FrameLocator, name: string): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    // The page takes VS Code's colours a moment after the window.
    await frame.locator(`body[data-vscode-theme-kind="${themeKinds[theme]}"]`).waitFor();
    await workbench.screenshot(`${name}-${theme.replace(" ", "-")}`);
    assert.deepEqual(await violations(frame), [], theme);
  }
}

const themeKinds = {
  light: "vscode-light",
  dark: "vscode-dark",
  "high contrast": "vscode-high-contrast",
} as const;
