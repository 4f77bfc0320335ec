/**
 * @file Which row is at the top of a grid of any height.
 *
 * Browsers limit how high an element can be, far below what millions of rows need. So the scrollable height is capped and
 * the scroll bar stands for the rows in proportion; small steps move by rows. Invariant: the first and the last row are
 * reached at the two ends of the bar.
 */

export const rowHeight = 24;
/** Browsers' own limits begin at 17 million. */
const mostHeight = 8_000_000;

export interface Extent {
  readonly rowCount: number;
  /** Height in which rows show. */
  readonly viewport: number;
}

/** The height that the scrollable content is given for its rows. */
export function contentHeight(rowCount: number): number {
  return Math.min(rowCount * rowHeight, mostHeight);
}

/** True where the scroll bar stands for the rows in proportion only. */
export function isCapped(rowCount: number): boolean {
  return rowCount * rowHeight > mostHeight;
}

/** The largest first row, in rows and parts of a row. */
export function lastTop({ rowCount, viewport }: Extent): number {
  return Math.max(0, rowCount - viewport / rowHeight);
}

/** The first row at a scroll position. */
export function topAt(scroll: number, extent: Extent): number {
  const room = contentHeight(extent.rowCount) - extent.viewport;
  return room <= 0 ? 0 : clampTop((scroll / room) * lastTop(extent), extent);
}

/** The scroll position of a first row. */
export function scrollOf(top: number, extent: Extent): number {
  const room = contentHeight(extent.rowCount) - extent.viewport;
  const last = lastTop(extent);
  return room <= 0 || last === 0 ? 0 : (top / last) * room;
}

/** Keeps a first row within the rows. */
export function clampTop(top: number, extent: Extent): number {
  return Math.max(0, Math.min(top, lastTop(extent)));
}
