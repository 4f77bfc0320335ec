/**
 * @file The grid: draws the rows and columns that show and no others, whatever the table's size.
 *
 * Invariant: `#top` says which row is first; the scroll bar follows it. See scroll-position.ts for why it isn't the other
 * way round.
 */
import type { Cell } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import type { ColumnLayout, PlacedColumn } from "./column-layout.ts";
import { cellId, drawRow, fillRow } from "./grid-row.ts";
import {
  type Extent,
  clampTop,
  contentHeight,
  isCapped,
  rowHeight,
  scrollOf,
  topAt,
} from "./scroll-position.ts";
import { type Place, type Selection, isSelected, moved } from "./selection.ts";

export const headerHeight = 96;

/** Where the grid's content comes from and what it tells. */
export interface GridSource {
  /** The rows, as far as they are here. */
  readonly row: (index: number) => readonly Cell[] | undefined;
  readonly rowCount: () => number;
  readonly layout: () => ColumnLayout;
  /** The head of a column; drawn anew when {@link DataGrid.drawHeader} is called. */
  readonly header: (column: PlacedColumn) => HTMLElement;
  /** These rows and columns show now. */
  readonly onShown: (first: number, last: number, columns: readonly PlacedColumn[]) => void;
  /** A key on a head: Enter opens its panel, Space sorts, Alt and an arrow make it wider or narrower. */
  readonly onHeaderKey: (column: PlacedColumn, event: KeyboardEvent) => void;
  readonly onCopy: (selection: Selection) => void;
}

export class DataGrid {
  readonly element = element("div", { class: "grid", attributes: { role: "grid", tabindex: 0 } });
  readonly #source: GridSource;
  readonly #sizer = element("div", { class: "sizer", attributes: { role: "presentation" } });
  readonly #viewport = element("div", { class: "viewport", attributes: { role: "presentation" } });
  readonly #head = element("div", { class: "head", attributes: { role: "row", "aria-rowindex": 1 } });
  readonly #body = element("div", { class: "body", attributes: { role: "rowgroup" } });
  #top = 0;
  #ownScroll = 0;
  #isDrawing = false;
  #headers: readonly string[] = [];
  #selection: Selection = { anchor: { row: 0, column: 0 }, focus: { row: 0, column: 0 } };

  constructor(source: GridSource) {
    this.#source = source;
    this.#viewport.append(this.#head, this.#body);
    this.#sizer.append(this.#viewport);
    this.element.append(this.#sizer);
    this.element.addEventListener("scroll", () => this.#onScroll());
    this.element.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#body.addEventListener("pointerdown", (event) => this.#onPointer(event));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get selection(): Selection {
    return this.#selection;
  }

  /** The first row that shows. */
  get firstRow(): number {
    return Math.floor(this.#top);
  }

  /** Back to the first row. */
  toTop(): void {
    this.#setTop(0);
    this.#selection = { anchor: { row: 0, column: 0 }, focus: { row: 0, column: 0 } };
  }

  /** Goes to where the page was left. */
  showFrom(row: number): void {
    this.#sizer.style.height = `${contentHeight(this.#source.rowCount()) + headerHeight}px`;
    this.#setTop(row);
  }

  /** Brings the focus to the head of a column. */
  focusHeader(column: number): void {
    this.element.focus({ preventScroll: true });
    this.#select({ row: -1, column }, false);
  }

  /** Draws with the next frame. */
  draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  /** Draws the heads anew as well. */
  drawHeader(): void {
    this.#headers = [];
    this.draw();
  }

  #extent(): Extent {
    return {
      rowCount: this.#source.rowCount(),
      viewport: Math.max(rowHeight, this.element.clientHeight - headerHeight),
    };
  }

  #numberWidth(): number {
    return Math.max(52, String(this.#source.rowCount()).length * 8 + 20);
  }

  #setTop(top: number): void {
    const extent = this.#extent();
    this.#top = clampTop(top, extent);
    this.#ownScroll = Math.round(scrollOf(this.#top, extent));
    this.element.scrollTop = this.#ownScroll;
    this.draw();
  }

  #onScroll(): void {
    // Where the grid itself put the bar, the row is known more exactly than the bar says.
    if (Math.abs(this.element.scrollTop - this.#ownScroll) > 1) {
      this.#ownScroll = this.element.scrollTop;
      this.#top = topAt(this.element.scrollTop, this.#extent());
    }
    this.draw();
  }

  #onWheel(event: WheelEvent): void {
    if (!isCapped(this.#source.rowCount()) || event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * rowHeight : event.deltaY;
    if (event.deltaX !== 0) this.element.scrollLeft += event.deltaX;
    this.#setTop(this.#top + pixels / rowHeight);
  }

  #draw(): void {
    const layout = this.#source.layout();
    const extent = this.#extent();
    const numberWidth = this.#numberWidth();
    const width = numberWidth + layout.pinnedWidth + layout.freeWidth;
    this.#sizer.style.width = `${width}px`;
    this.#sizer.style.height = `${contentHeight(extent.rowCount) + headerHeight}px`;
    this.#viewport.style.height = `${this.element.clientHeight}px`;
    this.element.setAttribute("aria-rowcount", String(extent.rowCount + 1));
    this.element.setAttribute("aria-colcount", String(layout.columns.length + 1));
    this.#top = clampTop(this.#top, extent);
    const columns = this.#shownColumns(layout, numberWidth);
    const first = Math.floor(this.#top);
    const last = Math.min(extent.rowCount - 1, Math.floor(this.#top + extent.viewport / rowHeight));
    this.#drawHead(columns, layout, numberWidth);
    const rows: HTMLElement[] = [];
    for (let row = first; row <= last; row += 1) {
      const drawn = drawRow(row, this.#source.row(row), columns, layout, numberWidth);
      drawn.style.transform = `translateY(${Math.round((row - this.#top) * rowHeight)}px)`;
      rows.push(drawn);
    }
    this.#body.replaceChildren(...rows);
    this.#mark();
    this.#source.onShown(first, Math.max(first, last), columns);
  }

  #shownColumns(
    { columns, pinnedCount, pinnedWidth }: ColumnLayout,
    numberWidth: number,
  ): readonly PlacedColumn[] {
    const from = this.element.scrollLeft;
    const to = from + this.element.clientWidth - numberWidth - pinnedWidth;
    return columns.filter(
      ({ left, width }, place) => place < pinnedCount || (left + width > from && left < to),
    );
  }

  #drawHead(columns: readonly PlacedColumn[], layout: ColumnLayout, numberWidth: number): void {
    const names = columns.map(({ column, width, left }) => `${column.name} ${width} ${left}`);
    const key = [String(numberWidth), ...names];
    if (key.length === this.#headers.length && key.every((name, index) => name === this.#headers[index]))
      return;
    this.#headers = key;
    const corner = element("div", {
      class: "number",
      text: "#",
      attributes: { role: "columnheader", "aria-colindex": 1 },
    });
    corner.style.width = `${numberWidth}px`;
    fillRow(this.#head, corner, columns, layout, (placed) => {
      const head = this.#source.header(placed);
      head.id = cellId(-1, layout.columns.indexOf(placed));
      return head;
    });
  }

  /** Marks the selection on what is drawn. */
  #mark(): void {
    const { focus } = this.#selection;
    for (const cell of this.#body.querySelectorAll<HTMLElement>("[role='gridcell']")) {
      const row = Number(cell.dataset["row"]);
      const column = Number(cell.dataset["column"]);
      cell.setAttribute("aria-selected", String(isSelected(this.#selection, row, column)));
      cell.classList.toggle("focus", row === focus.row && column === focus.column);
    }
    for (const head of this.#head.querySelectorAll<HTMLElement>("[role='columnheader']"))
      head.classList.toggle("focus", focus.row === -1 && head.id === cellId(-1, focus.column));
    const active = cellId(focus.row, focus.column);
    if (document.querySelector(`[id="${active}"]`) === null)
      this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", active);
  }

  #select(place: Place, extend: boolean): void {
    this.#selection = { anchor: extend ? this.#selection.anchor : place, focus: place };
    const extent = this.#extent();
    const full = Math.floor(extent.viewport / rowHeight);
    if (place.row >= 0 && place.row < this.#top) this.#setTop(place.row);
    else if (place.row > this.#top + full - 1) this.#setTop(place.row - extent.viewport / rowHeight + 1);
    this.#showColumn(place.column);
    this.draw();
  }

  #showColumn(place: number): void {
    const { columns, pinnedWidth } = this.#source.layout();
    const placed = columns[place];
    if (placed === undefined || placed.isPinned) return;
    const room = this.element.clientWidth - this.#numberWidth() - pinnedWidth;
    const { scrollLeft } = this.element;
    if (placed.left < scrollLeft) this.element.scrollLeft = placed.left;
    else if (placed.left + placed.width > scrollLeft + room)
      this.element.scrollLeft = Math.min(placed.left, placed.left + placed.width - room);
  }

  #onPointer(event: PointerEvent): void {
    const cell =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[role='gridcell']") : null;
    if (cell === null || event.button !== 0) return;
    const placeOf = (each: HTMLElement): Place => ({
      row: Number(each.dataset["row"]),
      column: Number(each.dataset["column"]),
    });
    this.#select(placeOf(cell), event.shiftKey);
    const onMove = (move: PointerEvent): void => {
      const under = document
        .elementFromPoint(move.clientX, move.clientY)
        ?.closest<HTMLElement>("[role='gridcell']");
      if (under !== null && under !== undefined) this.#select(placeOf(under), true);
    };
    document.addEventListener("pointermove", onMove);
    document.addEventListener("pointerup", () => document.removeEventListener("pointermove", onMove), {
      once: true,
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const layout = this.#source.layout();
    const { rowCount, viewport } = this.#extent();
    const { focus } = this.#selection;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") {
      this.#source.onCopy(this.#selection);
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
      this.#selection = {
        anchor: { row: 0, column: 0 },
        focus: { row: rowCount - 1, column: layout.columns.length - 1 },
      };
      this.draw();
      event.preventDefault();
      return;
    }
    if (focus.row === -1 && isHeaderKey(event)) {
      const placed = layout.columns[focus.column];
      event.preventDefault();
      if (placed !== undefined) this.#source.onHeaderKey(placed, event);
      return;
    }
    const pageRows = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const target = moved(focus, event, { rowCount, columnCount: layout.columns.length, pageRows });
    if (target === undefined) return;
    event.preventDefault();
    this.#select(target, event.shiftKey && target.row >= 0 && focus.row >= 0);
  }
}

function isHeaderKey({ key, altKey }: KeyboardEvent): boolean {
  return key === "Enter" || key === " " || (altKey && (key === "ArrowLeft" || key === "ArrowRight"));
}
