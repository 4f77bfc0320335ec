/**
 * @file The scripts that the child has loaded, and whose they are.
 *
 * Known only while the debugger is on: V8 names every script when its Debugger domain is switched on, and each new one
 * after that, always before it runs.
 */
import type { Debugger } from "node:inspector";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { toJavaScript } from "../compile/javascript.ts";
import type { CellDocuments } from "./cell-documents.ts";
import { PositionMap } from "./position-map.ts";
import type { Position } from "./position-map.ts";

/** Whose a script is: `internal` is Node's and the kernel's own, never shown. */
export type ScriptKind = "cell" | "module" | "library" | "internal" | "anonymous";

export interface Script {
  readonly id: string;
  readonly url: string;
  readonly kind: ScriptKind;
  /** The path that frontends know the source by; undefined for anonymous code. */
  readonly path: string | undefined;
  readonly positions: PositionMap;
}

const dataUrl = /^data:application\/json;(?:charset=[^;,]+;)?base64,/;

export class Scripts {
  readonly #documents: CellDocuments;
  readonly #internal: readonly RegExp[];
  readonly #byId = new Map<string, Script>();
  #justMyCode = true;

  constructor(documents: CellDocuments, internal: readonly string[]) {
    this.#documents = documents;
    this.#internal = internal.map((pattern) => new RegExp(pattern));
  }

  clear(justMyCode: boolean): void {
    this.#byId.clear();
    this.#justMyCode = justMyCode;
  }

  add(event: Debugger.ScriptParsedEventDataType): Script {
    const script = this.#classify(event);
    this.#byId.set(script.id, script);
    return script;
  }

  get(id: string): Script | undefined {
    return this.#byId.get(id);
  }

  /** The newest script of a path. */
  find(path: string): Script | undefined {
    return [...this.#byId.values()].findLast((script) => script.path === path);
  }

  all(): readonly Script[] {
    return [...this.#byId.values()];
  }

  /** True for code that the user may look at and step through. */
  isUserCode(id: string): boolean {
    const kind = this.#byId.get(id)?.kind ?? "internal";
    return kind === "library" ? !this.#justMyCode : kind !== "internal";
  }

  /** True for code that is never shown, not even as a frame. */
  isInternal(id: string): boolean {
    return (this.#byId.get(id)?.kind ?? "internal") === "internal";
  }

  /** The source of a location, as DAP has it. */
  sourceOf(script: Script): DebugProtocol.Source {
    if (script.path === undefined)
      return { name: "(anonymous)", sourceReference: Number(script.id), presentationHint: "deemphasize" };
    const source = { name: basename(script.path), path: script.path };
    return script.kind === "library" ? { ...source, presentationHint: "deemphasize" } : source;
  }

  /** A generated location's place in its source; undefined for code that the compiler made up. */
  toSource(location: Debugger.Location): Position | undefined {
    const position = { line: location.lineNumber, column: location.columnNumber ?? 0 };
    return this.#byId.get(location.scriptId)?.positions.toSource(position);
  }

  /** The text of a source that is a cell, or a file that the child has loaded. */
  textOf(path: string): string | undefined {
    const cell = this.#documents.get(path);
    if (cell !== undefined) return cell.source;
    const script = this.find(path);
    if (script === undefined) return undefined;
    return script.positions.sourceText ?? (existsSync(path) ? readFileSync(path, "utf8") : undefined);
  }

  #classify({ scriptId: id, url, sourceMapURL, length }: Debugger.ScriptParsedEventDataType): Script {
    if (url === "")
      return { id, url, kind: "anonymous", path: undefined, positions: new PositionMap(undefined) };
    if (this.#documents.isCellPath(url)) {
      const document = this.#documents.get(url);
      return {
        id,
        url,
        kind: "cell",
        path: url,
        positions: document?.positions ?? new PositionMap(undefined),
      };
    }
    const file = filePath(url);
    if (file === undefined || this.#internal.some((pattern) => pattern.test(url)))
      return { id, url, kind: "internal", path: undefined, positions: new PositionMap(undefined) };
    const kind = /[\\/]node_modules[\\/]/.test(file) ? "library" : "module";
    const positions = new PositionMap(readMap(sourceMapURL, file) ?? compiledMap(file, length));
    const path = positions.sourceName === undefined ? file : sourcePath(positions.sourceName, file);
    return { id, url, kind, path, positions };
  }
}

/** The file of a script's URL; a query (`?v=2` of a module that was loaded again) doesn't count. */
function filePath(url: string): string | undefined {
  if (url.startsWith("file:")) {
    try {
      return fileURLToPath(url.replace(/[?#].*$/, ""));
    } catch {
      return undefined;
    }
  }
  return url.startsWith("/") || /^[a-z]:\\/i.test(url) ? url : undefined;
}

function sourcePath(name: string, file: string): string {
  return filePath(name) ?? resolve(dirname(file), name);
}

/**
 * The map of a local module that the child compiled as it loaded it: compiling the file again gives the same code,
 * unless the file has changed since, which the length tells.
 */
function compiledMap(file: string, length: number | undefined): string | undefined {
  if (!/\.[cm]?ts$/.test(file)) return undefined;
  try {
    const source = readFileSync(file, "utf8");
    const { code, mappings } = toJavaScript(source, "module");
    const isSame = length === undefined || code.length === length;
    const map = { version: 3, sources: [file], sourcesContent: [source], names: [], mappings };
    return isSame ? JSON.stringify(map) : undefined;
  } catch {
    return undefined;
  }
}

function readMap(url: string | undefined, file: string): string | undefined {
  if (url === undefined || url === "") return undefined;
  try {
    const text = dataUrl.test(url)
      ? Buffer.from(url.replace(dataUrl, ""), "base64").toString("utf8")
      : readFileSync(resolve(dirname(file), url), "utf8");
    // A map that isn't one is as good as none.
    return new PositionMap(text).sourceName === undefined ? undefined : text;
  } catch {
    return undefined;
  }
}
