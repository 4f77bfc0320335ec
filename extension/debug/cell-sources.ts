/**
 * @file The two names of a cell's text: the editor's URI of the cell, and the kernel's path, which follows from the text.
 *
 * A stack frame can lie in a text that no cell has any more, because the cell was edited after it ran. Such a source is
 * given a reference, so that the editor shows what really runs, and not other lines.
 */
import * as v from "valibot";
import { type Ask, type RequestedBreakpoint, type Source, debugInfoSchema } from "./dap-message.ts";

/** A notebook's cells as the editor has them now. */
export interface NotebookCells {
  /** The code cells, in order. */
  list(): readonly NotebookCell[];
  /** True for the URI of a cell, also of another notebook. */
  isCell(uri: string): boolean;
  /** The breakpoints that a cell has now; editing moves them. */
  breakpoints(uri: string): readonly RequestedBreakpoint[];
  /** What the text is called that a cell had when it ran. */
  readonly oldTextName: string;
}

export interface NotebookCell {
  readonly uri: string;
  /** What people know it by. */
  readonly name: string;
  readonly text: string;
}

const dumpedSchema = v.looseObject({ sourcePath: v.string() });
const contentSchema = v.looseObject({ content: v.string() });
/** The kernel counts its own references, of scripts, from 1. */
const firstReference = 1_000_000_000;

export class CellSources {
  readonly #ask: Ask;
  readonly #cells: NotebookCells;
  /** The texts of the kernel's paths. */
  readonly #texts = new Map<string, string>();
  readonly #references = new Map<string, number>();
  #prefix: string | undefined;
  #suffix = "";
  /** Among cells of one text, the one that is meant. */
  preferred: string | undefined;

  constructor(ask: Ask, cells: NotebookCells) {
    this.#ask = ask;
    this.#cells = cells;
  }

  /** Learns how this kernel names its cells. */
  async learn(): Promise<void> {
    const info = v.parse(debugInfoSchema, await this.#ask("debugInfo"));
    this.#prefix = info.tmpFilePrefix;
    this.#suffix = info.tmpFileSuffix;
    this.#texts.clear();
    this.#references.clear();
  }

  /** The kernel's path for what the editor calls `name`; undefined for a cell that this notebook doesn't have. */
  async pathOf(name: string): Promise<string | undefined> {
    if (!this.#cells.isCell(name)) return name;
    const cell = this.#cells.list().find(({ uri }) => uri === name);
    if (cell === undefined) return undefined;
    const { sourcePath } = v.parse(dumpedSchema, await this.#ask("dumpCell", { code: cell.text }));
    this.#texts.set(sourcePath, cell.text);
    return sourcePath;
  }

  /** What the editor calls a source of the kernel's. */
  async sourceOf(source: Source): Promise<Source> {
    const { path } = source;
    if (path === undefined || !this.#isCellPath(path)) return source;
    const text = await this.#textOf(path);
    if (text === undefined) return source;
    const same = this.#cells.list().filter((cell) => cell.text === text);
    const cell = same.find(({ uri }) => uri === this.preferred) ?? same[0];
    if (cell !== undefined) return { name: cell.name, path: cell.uri };
    let reference = this.#references.get(path);
    if (reference === undefined) {
      reference = firstReference + this.#references.size;
      this.#references.set(path, reference);
    }
    return { name: this.#cells.oldTextName, sourceReference: reference };
  }

  /** The text behind a reference of {@link sourceOf}. */
  async textAt(reference: number): Promise<string | undefined> {
    for (const [path, each] of this.#references) if (each === reference) return await this.#textOf(path);
    return undefined;
  }

  #isCellPath(path: string): boolean {
    return this.#prefix !== undefined && path.startsWith(this.#prefix) && path.endsWith(this.#suffix);
  }

  async #textOf(path: string): Promise<string | undefined> {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    try {
      const { content } = v.parse(contentSchema, await this.#ask("source", { source: { path } }));
      this.#texts.set(path, content);
      return content;
    } catch {
      // The kernel keeps the texts of the last thousand cells.
      return undefined;
    }
  }
}
