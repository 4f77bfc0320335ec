/** @file Which outputs of a notebook show which display, so that an update reaches all of them. */
import type { NotebookCell, NotebookCellOutput } from "vscode";

/** One place where a display is shown. */
export interface ShownDisplay {
  readonly cell: NotebookCell;
  readonly output: NotebookCellOutput;
}

export class Displays {
  readonly #shown = new Map<string, ShownDisplay[]>();

  add(id: string, shown: ShownDisplay): void {
    this.#shown.set(id, [...(this.#shown.get(id) ?? []), shown]);
  }

  of(id: string): readonly ShownDisplay[] {
    return this.#shown.get(id) ?? [];
  }

  /** Forgets what a cell showed: its outputs are gone. */
  forget(cell: NotebookCell): void {
    for (const [id, shown] of this.#shown) {
      const left = shown.filter((each) => each.cell !== cell);
      if (left.length === 0) this.#shown.delete(id);
      else this.#shown.set(id, left);
    }
  }
}
