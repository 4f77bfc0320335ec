/** @file Installs VS Code for tests in its window, which takes minutes on a fresh machine: other tests run meanwhile. */
import { missingChromium } from "../../support/chromium.ts";
import { vscodeServer } from "./vscode-server.ts";

if (missingChromium() === undefined) await vscodeServer();
