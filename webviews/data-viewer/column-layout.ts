/** @file Where columns stand: pinned ones first, hidden ones not at all, each with its width. */
import type { Column, ColumnType } from "../../kernel/protocol.ts";

/** A column with its place. */
export interface PlacedColumn {
  readonly column: Column;
  /** Its place in the kernel's rows. */
  readonly index: number;
  readonly isPinned: boolean;
  readonly width: number;
  /** From the left of the pinned ones, or of the others. */
  readonly left: number;
}

export interface ColumnLayout {
  /** In the order in which they stand. */
  readonly columns: readonly PlacedColumn[];
  readonly pinnedCount: number;
  readonly pinnedWidth: number;
  readonly freeWidth: number;
}

export interface ColumnChoices {
  readonly pinned: readonly string[];
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

export const narrowest = 56;

const usualWidths: Readonly<Record<ColumnType, number>> = {
  number: 124,
  bigint: 140,
  boolean: 108,
  date: 160,
  string: 160,
  object: 220,
  mixed: 160,
  empty: 108,
};

/** Lays columns out. */
export function layoutColumns(columns: readonly Column[], choices: ColumnChoices): ColumnLayout {
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => !choices.hidden.includes(column.name));
  const widthOf = ({ name, type }: Column): number =>
    choices.widths[name] ?? Math.max(usualWidths[type], Math.min(300, 76 + name.length * 8));
  const place = (list: typeof shown, isPinned: boolean): readonly PlacedColumn[] => {
    let left = 0;
    return list.map(({ column, index }) => {
      const width = widthOf(column);
      const placed = { column, index, isPinned, width, left };
      left += width;
      return placed;
    });
  };
  const isPinned = ({ column }: { readonly column: Column }): boolean => choices.pinned.includes(column.name);
  const pinned = place(shown.filter(isPinned), true);
  const free = place(
    shown.filter((each) => !isPinned(each)),
    false,
  );
  const total = (list: readonly PlacedColumn[]): number => list.reduce((sum, { width }) => sum + width, 0);
  return {
    columns: [...pinned, ...free],
    pinnedCount: pinned.length,
    pinnedWidth: total(pinned),
    freeWidth: total(free),
  };
}
