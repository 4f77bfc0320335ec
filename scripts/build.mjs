// Builds dist/: the library by the TypeScript compiler (modules and declarations), the programs by esbuild (bundles).
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, chmodSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildNotebookPage } from "./build-notebook-page.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");

// What carries native code or is a compiler of its own stays a package; the rest is bundled, for fast starts.
const external = [
  "zeromq",
  "oxc-parser",
  "oxc-transform",
  "typescript",
  "typescript/*",
  "@duckdb/node-api",
  "onnxruntime-node",
  "tenon",
  "tenon/*",
];
const programs = {
  "kernel/main": "kernel/main.ts",
  "kernel/child": "kernel/child/main.ts",
  "kernel/child-control": "kernel/child/control.ts",
  "kernel/checker-worker": "kernel/checker/worker.ts",
  "cli/main": "cli/main.ts",
};

rmSync(join(root, "dist"), { recursive: true, force: true });
rmSync(join(root, "build/types/ml.tsbuildinfo"), { force: true });
mkdirSync(join(root, "dist"), { recursive: true });
execFileSync(process.execPath, [tsc, "-b", join(root, "ml"), "--force"], { stdio: "inherit" });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(programs).filter(([, source]) => existsSync(join(root, source))),
  ),
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  external,
  logLevel: "warning",
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
await buildNotebookPage(root);
if (existsSync(join(root, "dist/cli/main.js"))) chmodSync(join(root, "dist/cli/main.js"), 0o755);
if (existsSync(join(root, "kernel/globals.d.ts")))
  cpSync(join(root, "kernel/globals.d.ts"), join(root, "dist/kernel/globals.d.ts"));
if (existsSync(join(root, "kernel/kernelspec")))
  cpSync(join(root, "kernel/kernelspec"), join(root, "dist/kernel/kernelspec"), { recursive: true });
