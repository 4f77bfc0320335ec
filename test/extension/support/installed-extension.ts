/**
 * @file The extension as the workbench has it: the packaged .vsix, installed once for each package; or, with
 * `TENON_UI_UNPACKED=1`, the checkout itself, for quick development.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { repositoryRoot } from "../../support/repository.ts";
import { runCommand } from "../../support/run-command.ts";
import { vscodeServer } from "./vscode-server.ts";

const manifestSchema = v.object({ name: v.string(), publisher: v.string(), version: v.string() });
const parts = [
  "dist",
  "l10n",
  "samples",
  "package.json",
  "package.nls.json",
  "package.nls.ko.json",
  "README.md",
];

/** The folder of extensions to start a server with; `packaged` asks for the package in any case. */
export async function installedExtension(packaged = false): Promise<string> {
  const isUnpacked = process.env["TENON_UI_UNPACKED"] === "1" && !packaged;
  return isUnpacked ? linkedCheckout() : await installedPackage();
}

function linkedCheckout(): string {
  const { name, publisher, version } = v.parse(
    manifestSchema,
    JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")),
  );
  const folder = join(repositoryRoot, "build/extensions-unpacked");
  const link = join(folder, `${publisher}.${name}-${version}`);
  if (existsSync(link)) return folder;
  mkdirSync(folder, { recursive: true });
  symlinkSync(repositoryRoot, link, "junction");
  return folder;
}

async function installedPackage(): Promise<string> {
  const vsix = await packagedExtension();
  // Away from the repository, so that nothing is found there that the package lacks.
  const id = createHash("sha256").update(repositoryRoot).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `tenon-extensions-${id}`);
  const stampFile = join(folder, "tenon-stamp");
  const stamp = String(statSync(vsix).mtimeMs);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return folder;
  rmSync(folder, { recursive: true, force: true });
  const { node, entry } = await vscodeServer();
  const home = join(folder, ".home");
  await runCommand(
    node,
    [entry, "--install-extension", vsix, "--extensions-dir", folder, "--user-data-dir", home],
    { env: { HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, EXTENSIONS_GALLERY: "{}" } },
  );
  writeFileSync(stampFile, stamp);
  return folder;
}

/** The .vsix of this platform, packaged where it is missing or older than what it holds. */
export async function packagedExtension(): Promise<string> {
  const vsix = join(repositoryRoot, `build/tenon-${process.platform}-${process.arch}.vsix`);
  const made = existsSync(vsix) ? statSync(vsix).mtimeMs : 0;
  if (parts.some((path) => newestChange(join(repositoryRoot, path)) > made))
    await runCommand(process.execPath, [join(repositoryRoot, "scripts/package.mjs")]);
  return vsix;
}

function newestChange(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  const within = readdirSync(path).filter((name) => name !== "output" && name !== "node_modules");
  return Math.max(info.mtimeMs, ...within.map((name) => newestChange(join(path, name))));
}
