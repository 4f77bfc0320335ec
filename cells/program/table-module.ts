/**
 * @file The generated module that tells the compiler the columns of the files that a notebook reads.
 *
 * Files are looked at when a cell that names them is checked, completed or inspected, and at no other time: cells that
 * read nothing wait for nothing. What comes too late for a question is in the program at the next one.
 */
import type { CellAnalysis, CellDeclaration } from "../analysis.ts";
import type { FileColumns, FileSchemas, TableColumn } from "../tables/file-columns.ts";
import { tableDeclarations } from "../tables/table-declarations.ts";
import { type TableRead, importsReader, tableReads } from "../tables/table-paths.ts";
import { noModule, tablesFile } from "./compiler-host.ts";
import type { Workspace } from "./workspace.ts";

/** Milliseconds that questions wait for columns. */
export const patience = {
  /** A check decides whether the cell runs; only the first read on a busy machine takes that long. */
  check: 2000,
  /** Somebody is typing. */
  typing: 300,
  /** The compiler has nothing else to do. */
  idle: 10,
} as const;

export class TableModule {
  readonly #workspace: Workspace;
  readonly #schemas: FileSchemas | undefined;
  readonly #files = new Map<string, FileColumns>();
  /** Paths whose columns somebody asked for in vain. */
  readonly #awaited = new Set<string>();
  #text = noModule;
  #isDirty = false;

  constructor(workspace: Workspace, schemas: FileSchemas | undefined) {
    this.#workspace = workspace;
    this.#schemas = schemas;
  }

  /** True while columns are worked out that an earlier question went without. */
  get isAwaiting(): boolean {
    return this.#awaited.size > 0;
  }

  /** The reads of a cell, whose names of earlier cells are declared as `earlier` says. */
  reads(
    source: string,
    analysis: CellAnalysis,
    earlier: (name: string) => CellDeclaration | undefined,
  ): readonly TableRead[] {
    if (this.#schemas === undefined) return [];
    if (importsReader(analysis)) this.#schemas.prepare();
    return analysis.textCalls.length === 0 ? [] : tableReads(source, analysis, earlier);
  }

  /** Notes files of a cell that runs without having been checked. */
  expect(reads: readonly TableRead[]): void {
    for (const { text, isWritten } of reads)
      if (!isWritten && !this.#files.has(text)) this.#awaited.add(text);
  }

  /**
   * Brings the files that are read up to date, as far as that succeeds in so many milliseconds, and takes what has come
   * of others meanwhile. True where the program changes.
   */
  async refresh(reads: readonly TableRead[], milliseconds: number): Promise<boolean> {
    if (this.#schemas === undefined || (reads.length === 0 && !this.isAwaiting)) return false;
    for (const { text, isWritten } of reads) {
      if (isWritten) this.#awaited.delete(text);
      else this.#awaited.add(text);
      if (isWritten) this.#files.set(text, { problem: "the cell may write the file before it reads it" });
    }
    const asked = [...this.#awaited];
    const found = await this.#schemas.columns(asked, milliseconds);
    for (const path of asked) {
      const columns = found.get(path);
      if (columns === undefined) continue;
      this.#awaited.delete(path);
      this.#files.set(path, columns);
    }
    return this.#write();
  }

  #write(): boolean {
    const known = new Map<string, readonly TableColumn[]>();
    for (const [path, file] of this.#files) if ("columns" in file) known.set(path, file.columns);
    const text = known.size === 0 ? noModule : `${noModule}${tableDeclarations(known)}`;
    if (text === this.#text) return false;
    this.#text = text;
    this.#workspace.write(tablesFile, text);
    this.#isDirty = true;
    return true;
  }

  /** The file, where it changed since the last call. */
  takeDirty(): readonly string[] {
    if (!this.#isDirty) return [];
    this.#isDirty = false;
    return [this.#workspace.path(tablesFile)];
  }

  /** The names of the columns of all files, each once. */
  columnNames(): readonly string[] {
    const files = [...this.#files.values()];
    const names = files.flatMap((file) => ("columns" in file ? file.columns.map(({ name }) => name) : []));
    return [...new Set(names)];
  }

  /** What is known of a file. */
  file(path: string): FileColumns | undefined {
    return this.#files.get(path);
  }
}
