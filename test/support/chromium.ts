/** @file A real Chromium for tests: found on the machine, or the tests that need one are skipped with the reason. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findChromium(): string | undefined {
  const named = process.env["TENON_CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...places].find(
    isExecutable,
  );
}

/** Why Chromium can't be started; undefined where one is found. */
export function missingChromium(): string | undefined {
  return findChromium() === undefined
    ? "no Chromium found: install one, or name it in TENON_CHROMIUM"
    : undefined;
}

/** Starts Chromium. @throws where there is none */
export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(missingChromium());
  const browser = await chromium.launch({ executablePath, args: flags });
  await endStartup(browser);
  return browser;
}

/**
 * Chromium holds back what it takes for unimportant, the update of a service worker among it, until the first page has
 * loaded and is idle; VS Code takes seconds to be, and its pages of outputs wait for that update. An empty page is idle at once.
 */
async function endStartup(browser: Browser): Promise<void> {
  await (await browser.newPage()).goto("data:text/html,");
}

/**
 * Starts Chromium. Without one, the calling suite is skipped and says why, unless `TENON_REQUIRE_BROWSER=1` is set:
 * then it fails.
 */
export async function launchChromium(context: Mocha.Context): Promise<Browser> {
  requireChromium(context);
  return await startChromium();
}

/** Skips or fails the calling suite where there is no Chromium, as {@link launchChromium} does; starts nothing. */
export function requireChromium(context: Mocha.Context): void {
  const reason = missingChromium();
  if (reason === undefined) return;
  if (process.env["TENON_REQUIRE_BROWSER"] === "1") throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  context.skip();
}
