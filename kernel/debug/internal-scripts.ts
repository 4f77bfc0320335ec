/** @file Which scripts are not the user's: patterns for V8 and for us, so that both agree. */

/** The folder of the kernel's own code: this file lies in `kernel/`, its bundles in `dist/kernel` and `dist/chunks`. */
const root = new URL(import.meta.url).href.replace(/\/(?:kernel|chunks)\/(?!.*\/(?:kernel|chunks)\/).*$/, "");

/** Node's and the kernel's own scripts, as regular expressions on their URLs. */
export const kernelScripts: readonly string[] = [
  "^node:",
  `^${root.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}/(?:kernel|chunks|cells|jupyter)/`,
  "^tenon-(?:probe|magic|expression|lookup)",
  // What compiles a local module that a cell imports; each looks for its binary by trial and error.
  String.raw`[\\/]node_modules[\\/]oxc-(?:parser|transform)[\\/]`,
];

/** Packages: not the user's own code, but worth a look if asked for. */
export const libraryScripts: readonly string[] = ["[\\\\/]node_modules[\\\\/]"];
