/** @file Imports of cells: resolved from the notebook's folder. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalModules, moduleMeta } from "./local-modules.ts";
import type { ModuleMeta } from "./local-modules.ts";
import { ModuleNotFoundError, notInstalled } from "./resolve.ts";

type Namespace = Record<string, unknown>;

/** A module doesn't export what a cell uses of it. */
export class MissingExportError extends Error {
  override readonly name = "MissingExportError";

  constructor(specifier: string, name: string, exports: readonly string[]) {
    const known = exports.length === 0 ? "nothing" : exports.slice(0, 20).join(", ");
    const what = name === "default" ? "no default export" : `no export named ${name}`;
    super(`The module ${specifier} has ${what}. It exports ${known}${exports.length > 20 ? ", …" : ""}.`);
  }
}

export class NotebookModules {
  /** `import.meta` of cells. */
  readonly meta: ModuleMeta;
  readonly require: NodeJS.Require;
  readonly #local = new LocalModules();
  readonly #url: string;

  /** `notebook` is the notebook's path; the file itself need not exist. */
  constructor(notebook: string) {
    this.#url = pathToFileURL(notebook).href;
    this.meta = moduleMeta(notebook, true);
    this.require = notebookRequire(notebook);
  }

  /** A static import's bindings, in the order of `names`; `*` is the namespace, `?name` may be missing. */
  async importNames(
    specifier: string,
    names: readonly string[],
    attributes: Readonly<Record<string, string>> | undefined,
    optional: boolean,
  ): Promise<unknown[]> {
    let namespace: Namespace;
    try {
      namespace = await this.#local.import(specifier, this.#url, attributes);
    } catch (error) {
      // A package of types alone has nothing to load.
      if (!optional || !isMissing(error)) throw error;
      return names.map(() => undefined);
    }
    return names.map((name) => {
      if (name === "*") return namespace;
      if (name.startsWith("?")) return exportOf(namespace, name.slice(1));
      if (!hasExport(namespace, name)) throw new MissingExportError(specifier, name, Object.keys(namespace));
      return exportOf(namespace, name);
    });
  }

  /** A dynamic `import()`. */
  async importNamespace(specifier: unknown, options: unknown): Promise<Namespace> {
    const attributes: unknown =
      typeof options === "object" && options !== null && "with" in options ? options.with : undefined;
    // SAFETY: Node checks the attributes of what it loads itself.
    return await this.#local.import(
      String(specifier),
      this.#url,
      attributes as Record<string, string> | undefined,
    );
  }
}

/** Node finds most named exports of CommonJS modules by their text; here those that it misses are found too. */
function exportOf(namespace: Namespace, name: string): unknown {
  if (name in namespace) return namespace[name];
  const { default: whole } = namespace;
  if (name === "default" || (typeof whole !== "object" && typeof whole !== "function") || whole === null)
    return undefined;
  return Reflect.get(whole, name);
}

function hasExport(namespace: Namespace, name: string): boolean {
  const { default: whole } = namespace;
  return (
    name in namespace ||
    (name !== "default" &&
      (typeof whole === "object" || typeof whole === "function") &&
      whole !== null &&
      name in whole)
  );
}

function isMissing(error: unknown): boolean {
  if (error instanceof ModuleNotFoundError) return true;
  return error instanceof Error && "code" in error && error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
}

/** `require` from the notebook's folder, with Tenon's own packages as a last resort. */
function notebookRequire(notebook: string): NodeJS.Require {
  const require = createRequire(notebook);
  const own = createRequire(import.meta.url);
  const find = (specifier: string): unknown => {
    try {
      return require(specifier);
    } catch (error) {
      if (!isNotInstalled(error, specifier)) throw error;
    }
    try {
      return own(specifier);
    } catch (error) {
      throw isNotInstalled(error, specifier) ? notInstalled(specifier) : error;
    }
  };
  return Object.assign(find, require);
}

function isNotInstalled(error: unknown, specifier: string): boolean {
  if (/^(?:\.{0,2}[\\/]|[A-Za-z]:)/.test(specifier) || !(error instanceof Error)) return false;
  return (
    "code" in error &&
    error.code === "MODULE_NOT_FOUND" &&
    error.message.startsWith(`Cannot find module '${specifier}'`)
  );
}

/** Where the frontend says that the notebook is, or a file beside it. */
export function notebookPath(): string {
  const session = process.env["JPY_SESSION_NAME"];
  if (session !== undefined && session.startsWith(process.cwd())) return session;
  return join(process.cwd(), "notebook.ts");
}
