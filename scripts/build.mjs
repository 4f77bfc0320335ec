// Builds dist/: the library by the TypeScript compiler (modules and declarations), the programs by esbuild (bundles).
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
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
  "cli/main": "cli/main.ts",
};

// Built beside dist/ and moved there at the end: a build that fails, or runs while a kernel does, breaks nothing.
const fresh = join(root, `.dist-${process.pid}`);
mkdirSync(fresh, { recursive: true });
process.on("exit", () => rmSync(fresh, { recursive: true, force: true }));
try {
  execFileSync(
    process.execPath,
    [tsc, "-p", join(root, "ml"), "--outDir", fresh, "--incremental", "false", "--composite", "false"],
    {
      stdio: "inherit",
    },
  );
} catch {
  console.error("The library does not compile; dist/ was left as it was.");
  process.exit(1);
}
await build({
  absWorkingDir: root,
  entryPoints: programs,
  outdir: fresh,
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
await buildNotebookPage(root, fresh);
chmodSync(join(fresh, "cli/main.js"), 0o755);
cpSync(join(root, "kernel/globals.d.ts"), join(fresh, "kernel/globals.d.ts"));
cpSync(join(root, "kernel/kernelspec"), join(fresh, "kernel/kernelspec"), { recursive: true });

const old = join(root, `.dist-${process.pid}-old`);
if (existsSync(join(root, "dist"))) renameSync(join(root, "dist"), old);
renameSync(fresh, join(root, "dist"));
rmSync(old, { recursive: true, force: true });
