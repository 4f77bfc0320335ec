/** @file Installs VS Code and the extension for tests in its window, once, before several processes need them at a time. */
import { missingChromium } from "../../support/chromium.ts";
import { installedExtension } from "./installed-extension.ts";
import { vscodeServer } from "./vscode-server.ts";

if (missingChromium() === undefined) {
  await vscodeServer();
  await installedExtension();
}
