/**
 * @file Finds what an import specifier names: a file of the user's, which is compiled and reloaded when it changes, or
 * anything else, which Node loads.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export type ResolvedModule =
  | { readonly kind: "local"; readonly path: string; readonly format: LocalFormat }
  | { readonly kind: "native"; readonly url: string };

export type LocalFormat = "typescript" | "module" | "commonjs" | "json";

/** A module that isn't there; the message says what to do. */
export class ModuleNotFoundError extends Error {
  override readonly name = "ModuleNotFoundError";

  /** Node's code, for programs that try optional packages. */
  get code(): string {
    return "ERR_MODULE_NOT_FOUND";
  }
}

const formats: Readonly<Record<string, LocalFormat>> = {
  ".ts": "typescript",
  ".mts": "typescript",
  ".mjs": "module",
  ".cjs": "commonjs",
  ".json": "json",
};
/** Tried in this order where a specifier has no extension. */
const extensions = [".ts", ".mts", ".js", ".mjs", ".cjs", ".json"];
/** TypeScript sources import the JavaScript that they would be compiled to. */
const sourceExtensions: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts" };

/** Resolves as Node does for a module at `parentUrl`, with Tenon's own packages as a last resort. */
export function resolveModule(specifier: string, parentUrl: string): ResolvedModule {
  if (isBuiltin(specifier))
    return { kind: "native", url: specifier.startsWith("node:") ? specifier : `node:${specifier}` };
  if (/^(?:data|https?|wasm):/.test(specifier)) return { kind: "native", url: specifier };
  if (/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier) || /^[A-Za-z]:[\\/]/.test(specifier)) {
    return resolveFile(specifier, parentUrl);
  }
  const url = resolvePackage(specifier, parentUrl);
  if (!url.startsWith("file:")) return { kind: "native", url };
  const path = fileURLToPath(url);
  // A package of the user's own workspace may be TypeScript; packages are JavaScript.
  const format = path.includes(`${sep}node_modules${sep}`) ? undefined : formats[extname(path)];
  return format === "typescript" ? { kind: "local", path, format } : { kind: "native", url };
}

function resolveFile(specifier: string, parentUrl: string): ResolvedModule {
  const url = /^[A-Za-z]:[\\/]/.test(specifier) ? pathToFileURL(specifier) : new URL(specifier, parentUrl);
  const wanted = fileURLToPath(url);
  const path = findFile(wanted);
  if (path === undefined) {
    throw new ModuleNotFoundError(
      `There is no file ${wanted}${extname(wanted) === "" ? " (with .ts, .js or .json neither)" : ""}.`,
    );
  }
  const format = path.includes(`${sep}node_modules${sep}`) ? undefined : localFormat(path);
  return format === undefined
    ? { kind: "native", url: pathToFileURL(path).href }
    : { kind: "local", path, format };
}

function findFile(wanted: string): string | undefined {
  if (isFile(wanted)) return wanted;
  const extension = extname(wanted);
  const source = sourceExtensions[extension];
  if (source !== undefined) {
    const path = wanted.slice(0, -extension.length) + source;
    if (isFile(path)) return path;
  }
  const candidates = extensions.flatMap((suffix) => [wanted + suffix, join(wanted, `index${suffix}`)]);
  return candidates.find(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function localFormat(path: string): LocalFormat | undefined {
  const extension = extname(path);
  if (extension === ".js") return packageType(dirname(path)) === "module" ? "module" : "commonjs";
  return formats[extension];
}

/** The `type` of the nearest package.json. */
function packageType(directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      try {
        const json: unknown = JSON.parse(readFileSync(file, "utf8"));
        return typeof json === "object" && json !== null && "type" in json ? String(json.type) : undefined;
      } catch {
        return undefined;
      }
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** The URL of a package's module, from the importing file or else from where Tenon is installed. */
function resolvePackage(specifier: string, parentUrl: string): string {
  try {
    return resolveFrom(specifier, parentUrl);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    try {
      return resolveFrom(specifier, import.meta.url);
    } catch {
      throw notInstalled(specifier);
    }
  }
}

let resolution: typeof import("./module-resolution.ts") | undefined;

function resolveFrom(specifier: string, parentUrl: string): string {
  // SAFETY: the bundle of that file.
  resolution ??= createRequire(import.meta.url)("./module-resolution.js") as NonNullable<typeof resolution>;
  return resolution.resolveFrom(specifier, parentUrl);
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

/** Says how to install the package that a specifier names. */
export function notInstalled(specifier: string): ModuleNotFoundError {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  if (specifier.startsWith("#"))
    return new ModuleNotFoundError(`No package.json defines the import ${specifier}.`);
  return new ModuleNotFoundError(
    `The package ${name} is not installed. Install it with: %npm install ${name}`,
  );
}
