// Builds the plugin for VS Code's TypeScript server: a package of its own, since the server finds plugins by package name
// only, in `node_modules` of the extension.
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const name = "tenon-typescript-plugin";
const folder = "typescript-plugin";

/** esbuild's options; the server calls what the module exports. @type {import("esbuild").BuildOptions} */
export const typescriptPlugin = {
  entryPoints: { [`${folder}/index`]: "extension/typescript-plugin/main.ts" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  banner: {},
  footer: { js: "module.exports = module.exports.default;" },
};

/** Makes the built plugin a package, and lets the server find it in a checkout: packages have a copy there. */
export function writePluginPackage(root, dist) {
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const description = "Keeps VS Code's TypeScript quiet about the cells of Tenon's notebooks.";
  const manifest = { name, version, description, license, private: true, main: "index.cjs" };
  writeFileSync(join(dist, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const link = join(root, "node_modules", name);
  if (!existsSync(join(root, "node_modules"))) return;
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined)
    rmSync(link, { recursive: true, force: true });
  symlinkSync(join(root, "dist", folder), link, "junction");
}
