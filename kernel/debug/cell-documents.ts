/**
 * @file The cells that the debugger knows, by the path under which frontends know them.
 *
 * A cell's path follows from its text alone (`prefix + murmur2(text) + suffix`), and its scripts carry that path as
 * their name. So a breakpoint holds for every execution of the same text, and an edited cell is another document.
 */
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { CompiledCell } from "../compile/compiled-cell.ts";
import { sourceMap } from "../compile/source-map.ts";
import { murmurHash2 } from "./murmur-hash.ts";
import { PositionMap } from "./position-map.ts";

/** Compiles a cell as the executor does. Throws where the cell has a syntax error. */
export type CompileCell = (source: string, fileName: string) => CompiledCell;

/** One cell's text and what it compiles to. */
export interface CellDocument {
  readonly path: string;
  readonly source: string;
  /** What was last evaluated under the path, or what would be; undefined where the source doesn't compile. */
  readonly compiled: CompiledCell | undefined;
  readonly positions: PositionMap;
}

interface Entry {
  readonly source: string;
  compiled?: CompiledCell;
  document?: CellDocument;
}

/** ipykernel's seed: any would do, since it is told to the frontend. */
const seed = 0xc7_0f_69_07;
/** Texts kept for stepping into cells that ran long ago; the oldest go first. */
const limit = 1000;

export class CellDocuments {
  readonly #compile: CompileCell;
  readonly #entries = new Map<string, Entry>();
  readonly hashMethod = "Murmur2";
  readonly hashSeed = seed;
  readonly prefix = join(tmpdir(), `tenon_${process.pid}`) + sep;
  readonly suffix = ".ts";

  constructor(compile: CompileCell) {
    this.#compile = compile;
  }

  pathOf(source: string): string {
    return `${this.prefix}${murmurHash2(source, seed)}${this.suffix}`;
  }

  /** Makes a cell's text known and returns its path. */
  add(source: string): string {
    const path = this.pathOf(source);
    if (this.#entries.get(path)?.source !== source) this.#set(path, { source });
    return path;
  }

  /** Tells what is about to be evaluated for a cell's text. */
  record(source: string, compiled: CompiledCell): void {
    this.#set(this.pathOf(source), { source, compiled });
  }

  get(path: string): CellDocument | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    entry.document ??= this.#build(path, entry);
    return entry.document;
  }

  isCellPath(path: string): boolean {
    return path.startsWith(this.prefix) && path.endsWith(this.suffix);
  }

  #set(path: string, entry: Entry): void {
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    if (this.#entries.size <= limit) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #build(path: string, { source, compiled }: Entry): CellDocument {
    const built = compiled ?? this.#tryCompile(source, path);
    const map = built === undefined ? undefined : sourceMap(built.map);
    return { path, source, compiled: built, positions: new PositionMap(map) };
  }

  #tryCompile(source: string, path: string): CompiledCell | undefined {
    try {
      return this.#compile(source, path);
    } catch {
      // The executor reports the syntax error when the cell runs; here it has no lines to stop at.
      return undefined;
    }
  }
}
