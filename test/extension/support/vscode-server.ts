/**
 * @file VS Code as npm carries it: code-server (the workbench and its extension host) on the Node that it is made for.
 *
 * Installed once into `build/vscode`, with install scripts off; nothing of it is a dependency.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../support/repository.ts";
import { runCommand } from "../../support/run-command.ts";

/** The programs of an installed code-server. */
export interface VscodeServer {
  /** The Node that runs it. */
  readonly node: string;
  /** Its entry, the first argument of {@link node}. */
  readonly entry: string;
}

const nodePackage = `node-${platform()}-${arch()}`;
const packages = { "code-server": "4.139.1", [nodePackage]: "24.21.0" };
const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];

/** Parts that nothing of ours reaches: assistants, sign-in, and headers to build against. */
const unneeded = [
  "code-server/lib/vscode/node_modules/@github",
  "code-server/lib/vscode/extensions/copilot",
  "code-server/lib/vscode/extensions/microsoft-authentication",
  `${nodePackage}/include`,
];

/** Each content of the installation has a folder of its own, so that no run loses what it runs on. */
const parent = join(repositoryRoot, "build/vscode");
const directory = join(
  parent,
  createHash("sha256")
    .update(JSON.stringify([packages, unneeded]))
    .digest("hex")
    .slice(0, 12),
);

/** Installs code-server, where that has not been done; returns its programs. */
export async function vscodeServer(): Promise<VscodeServer> {
  if (!existsSync(directory)) await install();
  const modules = join(directory, "node_modules");
  return {
    node: join(modules, nodePackage, "bin/node"),
    entry: join(modules, "code-server/out/node/entry.js"),
  };
}

async function install(): Promise<void> {
  const fresh = join(parent, `.fresh-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    writeFileSync(join(fresh, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
    await runCommand("npm", ["install", ...flags], { cwd: fresh });
    const vscode = join(fresh, "node_modules/code-server/lib/vscode");
    for (const cwd of [vscode, join(vscode, "extensions")])
      await runCommand("npm", ["install", "--omit=dev", ...flags], { cwd });
    for (const path of unneeded) rmSync(join(fresh, "node_modules", path), { recursive: true, force: true });
    // Another run may have been faster.
    if (!existsSync(directory)) renameSync(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
