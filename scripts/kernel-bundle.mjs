// How the kernel's programs are bundled: CommonJS, one file each. As modules they take 30 ms longer to start on Node 20,
// for the loader's own work and a facade for each of Node's modules.

/** esbuild's options. @type {import("esbuild").BuildOptions} */
export const kernelBundle = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "__tenonUrl" },
  banner: { js: 'const __tenonUrl = require("node:url").pathToFileURL(__filename).href;' },
  logOverride: { "unsupported-dynamic-import": "silent" },
};

/** The programs of the child: the child tells its own stack frames from the user's by their file. */
export const childPrograms = {
  child: "kernel/child/main.ts",
  "child-control": "kernel/child/control.ts",
};

/** What only a module can do, loaded by the child when a cell imports something. */
export const childModules = {
  "module-resolution": "kernel/child/modules/module-resolution.ts",
};
