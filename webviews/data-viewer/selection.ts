/** @file The chosen cells: one rectangle of rows and columns, from where it was begun to where the focus is. */

/** A cell by its row and by its column's place; the row -1 is the header. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Selection {
  /** Where it was begun. */
  readonly anchor: Place;
  /** The cell with the focus. */
  readonly focus: Place;
}

export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The rows and columns of a selection, ends included. */
export function rectangle({ anchor, focus }: Selection): Rectangle {
  return {
    top: Math.min(anchor.row, focus.row),
    bottom: Math.max(anchor.row, focus.row),
    left: Math.min(anchor.column, focus.column),
    right: Math.max(anchor.column, focus.column),
  };
}

/** True for cells of the selection. */
export function isSelected(selection: Selection, row: number, column: number): boolean {
  const { top, bottom, left, right } = rectangle(selection);
  return row >= top && row <= bottom && column >= left && column <= right;
}

export interface GridSize {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Rows that show at a time. */
  readonly pageRows: number;
}

/** Where a key leads from a cell; undefined for keys that lead nowhere. */
export function moved(
  { row, column }: Place,
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">,
  { rowCount, columnCount, pageRows }: GridSize,
): Place | undefined {
  const far = ctrlKey || metaKey;
  const last = { row: rowCount - 1, column: columnCount - 1 };
  const targets: Readonly<Record<string, Place>> = {
    ArrowUp: { row: far ? 0 : row - 1, column },
    ArrowDown: { row: far ? last.row : row + 1, column },
    ArrowLeft: { row, column: far ? 0 : column - 1 },
    ArrowRight: { row, column: far ? last.column : column + 1 },
    PageUp: { row: Math.max(0, row - pageRows), column },
    PageDown: { row: row + pageRows, column },
    Home: far ? { row: 0, column: 0 } : { row, column: 0 },
    End: far ? last : { row, column: last.column },
  };
  const target = targets[key];
  return (
    target && {
      row: Math.max(-1, Math.min(target.row, last.row)),
      column: Math.max(0, Math.min(target.column, last.column)),
    }
  );
}
