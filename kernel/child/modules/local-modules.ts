/**
 * @file Modules of the user's own files: TypeScript is compiled as it is loaded, and a module is loaded anew when its
 * file, or one that it imports, has changed. Unchanged modules keep their identity and state.
 */
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { toJavaScript } from "../../compile/javascript.ts";
import { CellSyntaxError } from "../../compile/compiled-cell.ts";
import { hasModuleSyntax } from "../../compile/module-syntax.ts";
import { runtimeName } from "../../compile/repl-scope-name.ts";
import { ModuleSyntaxError } from "../errors/module-syntax-error.ts";
import { registerScript } from "../errors/scripts.ts";
import { displayPath } from "../errors/stack-frames.ts";
import { resolveModule } from "./resolve.ts";
import type { LocalFormat, ResolvedModule } from "./resolve.ts";

/** `import.meta` of a file. */
export interface ModuleMeta {
  url: string;
  filename: string;
  dirname: string;
  main: boolean;
  resolve: (specifier: string) => string;
}

interface LocalModule {
  readonly path: string;
  readonly modified: number;
  readonly source: string;
  readonly module: vm.Module;
  readonly imports: Set<LocalModule>;
}

type Namespace = Record<string, unknown>;

export class LocalModules {
  readonly #modules = new Map<string, LocalModule>();
  readonly #native = new Map<string, vm.Module>();
  /** Linking is not reentrant: one graph after the other. */
  #linking: Promise<unknown> = Promise.resolve();

  /** Imports a specifier on behalf of the module at `parentUrl`. */
  async import(
    specifier: string,
    parentUrl: string,
    attributes?: Readonly<Record<string, string>>,
  ): Promise<Namespace> {
    const resolved = resolveModule(specifier, parentUrl);
    if (resolved.kind === "native") return await importNative(resolved.url, attributes);
    const turn = this.#linking.then(async () => {
      this.#forgetChanged();
      const loaded = this.#load(resolved.path, resolved.format);
      if (loaded.module.status === "unlinked") await loaded.module.link(this.#link);
      return loaded;
    });
    this.#linking = turn.catch(() => undefined);
    try {
      const { module } = await turn;
      await module.evaluate();
      // SAFETY: a module's namespace is an object with its exports.
      return module.namespace as Namespace;
    } catch (error) {
      this.#forgetFailed();
      throw error;
    }
  }

  readonly #link = async (
    specifier: string,
    importer: vm.Module,
    { attributes }: { attributes?: unknown } = {},
  ): Promise<vm.Module> => {
    const resolved = resolveModule(specifier, importer.identifier);
    // SAFETY: import attributes are strings by their grammar.
    if (resolved.kind === "native")
      return await this.#wrapNative(resolved.url, attributes as Record<string, string>);
    const loaded = this.#load(resolved.path, resolved.format);
    this.#modules.get(fileURLToPath(importer.identifier))?.imports.add(loaded);
    return loaded.module;
  };

  #load(path: string, format: LocalFormat): LocalModule {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const { mtimeMs: modified } = statSync(path);
    const source = readFileSync(path, "utf8");
    const module = this.#create(path, format, source);
    const loaded: LocalModule = { path, modified, source, module, imports: new Set() };
    this.#modules.set(path, loaded);
    return loaded;
  }

  #create(path: string, format: LocalFormat, source: string): vm.Module {
    const identifier = pathToFileURL(path).href;
    if (format === "json") return valueModule(identifier, parseJson(path, source));
    if (format === "commonjs" && !hasModuleSyntax(source)) return valueModule(identifier, requireFresh(path));
    const { code, map } = format === "typescript" ? compile(path, source) : { code: source, map: undefined };
    registerScript(identifier, { label: displayPath(path), source, map });
    return new vm.SourceTextModule(code, {
      identifier,
      // SAFETY: Node's own types say `ImportMeta`, whose properties differ between its versions.
      initializeImportMeta: (meta) => Object.assign(meta, moduleMeta(path, false)),
      importModuleDynamically: (async (specifier: string, _importer: unknown, attributes: unknown) =>
        // SAFETY: import attributes are strings by their grammar.
        await this.import(specifier, identifier, attributes as Record<string, string>)) as never,
    });
  }

  async #wrapNative(
    url: string,
    attributes: Readonly<Record<string, string>> | undefined,
  ): Promise<vm.Module> {
    const key = `${url} ${attributes?.["type"] ?? ""}`;
    const wrapped = this.#native.get(key) ?? wrapNamespace(url, await importNative(url, attributes));
    this.#native.set(key, wrapped);
    return wrapped;
  }

  /** Drops modules whose file has changed, and all that import one of them. */
  #forgetChanged(): void {
    const stale = new Set([...this.#modules.values()].filter(hasChanged));
    for (let size = -1; size !== stale.size;) {
      size = stale.size;
      for (const module of this.#modules.values()) {
        for (const imported of module.imports) if (stale.has(imported)) stale.add(module);
      }
    }
    for (const { path } of stale) this.#modules.delete(path);
  }

  /** A module that failed is tried again the next time; so is what imports it. */
  #forgetFailed(): void {
    for (const [path, { module }] of this.#modules) {
      if (module.status !== "evaluated") this.#modules.delete(path);
    }
  }
}

async function importNative(
  url: string,
  attributes: Readonly<Record<string, string>> | undefined,
): Promise<Namespace> {
  const type = attributes?.["type"];
  // SAFETY: `import()` gives a namespace.
  return (await (type === "json" ? import(url, { with: { type: "json" } }) : import(url))) as Namespace;
}

function wrapNamespace(url: string, namespace: Namespace): vm.Module {
  const names = Object.keys(namespace);
  return new vm.SyntheticModule(
    names,
    function (this: vm.SyntheticModule) {
      for (const name of names) this.setExport(name, namespace[name]);
    },
    { identifier: url },
  );
}

/** A module whose default export is a value; its properties are named exports. */
function valueModule(identifier: string, value: unknown): vm.Module {
  const named = typeof value === "object" || typeof value === "function" ? { ...value } : {};
  return wrapNamespace(identifier, { ...named, default: value });
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    const message = `${displayPath(path)} is not valid JSON: ${cause instanceof Error ? cause.message : ""}`;
    throw new ModuleSyntaxError(message, undefined);
  }
}

function requireFresh(path: string): unknown {
  const require = createRequire(path);
  const drop = (file: string): void => {
    const cached = require.cache[file];
    if (cached === undefined || file.includes("node_modules")) return;
    Reflect.deleteProperty(require.cache, file);
    for (const child of cached.children) drop(child.filename);
  };
  drop(path);
  return require(path);
}

function compile(path: string, source: string): { code: string; map: () => string } {
  try {
    const { code, mappings, restructured } = toJavaScript(source, "module");
    // Padded to the same length, so that the map stays right.
    const helpers = "babelHelpers";
    return {
      code: restructured ? code.replaceAll(`${helpers}.`, `${runtimeName.padEnd(helpers.length)}.`) : code,
      map: () => JSON.stringify({ version: 3, sources: [path], names: [], mappings }),
    };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    const before = source.slice(0, error.start).split("\n");
    const script = { label: displayPath(path), source, map: undefined };
    throw new ModuleSyntaxError(error.message, {
      script,
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  }
}

function hasChanged({ path, modified, source }: LocalModule): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (stat.mtimeMs === modified && stat.size === Buffer.byteLength(source)) return false;
  return readFileSync(path, "utf8") !== source;
}

/** `import.meta` for a file. */
export function moduleMeta(path: string, main: boolean): ModuleMeta {
  const url = pathToFileURL(path).href;
  return {
    url,
    filename: path,
    dirname: dirname(path),
    main,
    resolve: (specifier) => resolvedUrl(resolveModule(specifier, url)),
  };
}

function resolvedUrl(resolved: ResolvedModule): string {
  return resolved.kind === "native" ? resolved.url : pathToFileURL(resolved.path).href;
}
