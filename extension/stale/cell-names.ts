/**
 * @file The names of a notebook's cells, read again only for cells whose text has changed.
 */
import type { SourceNames } from "../../cells/name-graph.ts";

/** A code cell as it is in the editor. */
export interface SourceCell {
  readonly id: string;
  readonly source: string;
}

/** A code cell with its names, in the order of the document. */
export interface NamedCell extends SourceCell {
  readonly names: SourceNames;
}

export class CellNamesCache {
  readonly #read: (source: string) => SourceNames;
  #known = new Map<string, NamedCell>();

  /** `read` parses one cell. */
  constructor(read: (source: string) => SourceNames) {
    this.#read = read;
  }

  /** The names of the cells; those of cells that are gone are forgotten. */
  update(cells: readonly SourceCell[]): readonly NamedCell[] {
    const known = new Map<string, NamedCell>();
    const named = cells.map((cell) => {
      const before = this.#known.get(cell.id);
      const now = before?.source === cell.source ? before : { ...cell, names: this.#read(cell.source) };
      known.set(cell.id, now);
      return now;
    });
    this.#known = known;
    return named;
  }
}
