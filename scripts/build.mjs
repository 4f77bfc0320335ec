// Builds dist/: the library by the TypeScript compiler (modules and declarations), the programs by esbuild (bundles).
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildNotebookPage } from "./build-notebook-page.mjs";
import { buildKernels } from "./build-kernels.mjs";
import { buildTypeLibrary } from "./build-type-library.mjs";
import { buildWebviewPages } from "./build-webview-pages.mjs";
import { childModules, childPrograms, kernelBundle } from "./kernel-bundle.mjs";
import { typescriptPlugin, writePluginPackage } from "./typescript-plugin.mjs";
import { writeThirdPartyLicenses } from "./third-party-licenses.mjs";

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
  "libsql",
  "pg",
  "tenon",
  "tenon/*",
];
// In bundles of the command the library's kernels and threads are those of dist/ml: each chunk stands two folders deep.
const filePlaces = {
  name: "file-places",
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]ml[\\/].*[\\/](kernels|worker-engine|pipeline-engine|handler-worker)\.ts$/ },
      ({ path }) => {
        const folder = relative(root, dirname(path)).replaceAll("\\", "/");
        const contents = readFileSync(path, "utf8").replace(
          /"\.\/(kernels\.wasm|engine-worker\.js|pipeline-thread\.js|handler-thread\.js)"/,
          `"../../${folder}/$1"`,
        );
        return { contents, loader: "ts" };
      },
    );
  },
};
const cliProgram = {
  "cli/main": "cli/main.ts",
  // A thread, which is looked for beside the chunk that starts it.
  "cli/chunks/store-thread": "ml/track/store-thread.ts",
};
const columnReader = { "cli/column-reader": "cli/types/column-reader-main.ts" };

// Built beside dist/ and moved there at the end: a build that fails, or runs while a kernel does, breaks nothing.
const fresh = join(root, `.dist-${process.pid}`);
mkdirSync(fresh, { recursive: true });
process.on("exit", () => rmSync(fresh, { recursive: true, force: true }));
const kernels = await buildKernels(root);
const options = [
  "--outDir",
  fresh,
  "--emitDeclarationOnly",
  "false",
  "--incremental",
  "false",
  "--composite",
  "false",
];
try {
  execFileSync(process.execPath, [tsc, "-p", join(root, "ml"), ...options], { stdio: "inherit" });
} catch {
  console.error("The library does not compile; dist/ was left as it was.");
  process.exit(1);
}
/** @type {import("esbuild").BuildOptions} */
const bundle = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  // Half the text to parse at each start; names stay, for profiles and logs.
  minifyWhitespace: true,
  minifySyntax: true,
  external,
  metafile: true,
  logLevel: "warning",
  logOverride: { "unsupported-dynamic-import": "silent" },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};
const inKernel = (programs) =>
  Object.fromEntries(Object.entries(programs).map(([name, file]) => [`kernel/${name}`, file]));
const built = [
  // Split, so that each command loads what it needs and no more.
  await build({
    ...bundle,
    entryPoints: cliProgram,
    plugins: [filePlaces],
    splitting: true,
    chunkNames: "cli/chunks/[name]-[hash]",
  }),
  await build({
    ...bundle,
    ...kernelBundle,
    entryPoints: inKernel({ main: "kernel/main.ts", ...childPrograms }),
  }),
  await build({ ...bundle, entryPoints: inKernel(childModules) }),
  // As the kernel's programs, which start it, for a fast start.
  await build({ ...bundle, ...kernelBundle, entryPoints: columnReader }),
  await build({
    ...bundle,
    ...kernelBundle,
    external: [...external, "vscode"],
    entryPoints: { "extension/main": "extension/main.ts" },
  }),
  await build({ ...bundle, ...typescriptPlugin }),
];
built.push(...(await buildWebviewPages(root, fresh)));
writePluginPackage(root, fresh);
await buildNotebookPage(root, fresh);
for (const renderer of ["plotly-renderer", "widget-renderer"])
  built.push(
    await build({
      absWorkingDir: root,
      entryPoints: { renderer: `webviews/${renderer}/main.ts` },
      outdir: join(fresh, "webviews", renderer),
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      minify: true,
      metafile: true,
      logLevel: "warning",
    }),
  );
buildTypeLibrary(join(fresh, "kernel/type-library"));
writeThirdPartyLicenses(
  root,
  { outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)) },
  ["katex", "plotly.js-cartesian-dist-min", "plotly.js-strict-dist-min"],
  join(fresh, "THIRD-PARTY-LICENSES.txt"),
);
chmodSync(join(fresh, "cli/main.js"), 0o755);
for (const kernel of kernels) cpSync(join(root, kernel), join(fresh, kernel));
cpSync(join(root, "kernel/globals.d.ts"), join(fresh, "kernel/globals.d.ts"));
cpSync(join(root, "kernel/kernelspec"), join(fresh, "kernel/kernelspec"), { recursive: true });

const old = join(root, `.dist-${process.pid}-old`);
if (existsSync(join(root, "dist"))) renameSync(join(root, "dist"), old);
renameSync(fresh, join(root, "dist"));
rmSync(old, { recursive: true, force: true });
