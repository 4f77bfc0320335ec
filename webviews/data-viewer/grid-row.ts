/** @file One row of the grid, and how its cells stand in it. */
import type { Cell } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import { cellStyle, shownText, wholeText } from "./cell-text.ts";
import type { ColumnLayout, PlacedColumn } from "./column-layout.ts";

/** Draws a row; `cells` is undefined while they are on their way. */
export function drawRow(
  row: number,
  cells: readonly Cell[] | undefined,
  columns: readonly PlacedColumn[],
  layout: ColumnLayout,
  numberWidth: number,
): HTMLElement {
  const drawn = element("div", {
    class: cells === undefined ? "row loading" : "row",
    attributes: { role: "row", "aria-rowindex": row + 2 },
  });
  const number = element("div", {
    class: "number",
    text: String(row + 1),
    attributes: { role: "rowheader", "aria-colindex": 1 },
  });
  number.style.width = `${numberWidth}px`;
  fillRow(drawn, number, columns, layout, (placed) => {
    const place = layout.columns.indexOf(placed);
    const cell = cells?.[placed.index];
    const isThere = cells !== undefined && cell !== undefined;
    const made = element("div", {
      class: `cell ${isNumeric(placed) ? "numeric" : ""} ${isThere ? cellStyle(cell) : ""}`,
      text: isThere ? shownText(cell) : "",
      attributes: {
        role: "gridcell",
        id: cellId(row, place),
        "aria-colindex": place + 2,
        title: isThere && typeof cell !== "boolean" ? wholeText(cell) : undefined,
      },
    });
    made.dataset["row"] = String(row);
    made.dataset["column"] = String(place);
    return made;
  });
  return drawn;
}

/** Puts a row together: number and pinned cells stay at the left, the others stand at their places. */
export function fillRow(
  row: HTMLElement,
  number: HTMLElement,
  columns: readonly PlacedColumn[],
  { pinnedWidth }: ColumnLayout,
  make: (column: PlacedColumn) => HTMLElement,
): void {
  const pinned = element("div", {
    class: "pinned",
    attributes: { role: "presentation" },
    children: [number],
  });
  const numberWidth = Number.parseInt(number.style.width, 10);
  const free: HTMLElement[] = [];
  for (const placed of columns) {
    const cell = make(placed);
    cell.style.width = `${placed.width}px`;
    if (placed.isPinned) pinned.append(cell);
    else {
      cell.classList.add("free");
      cell.style.left = `${numberWidth + pinnedWidth + placed.left}px`;
      free.push(cell);
    }
  }
  row.replaceChildren(pinned, ...free);
}

function isNumeric({ column: { type } }: PlacedColumn): boolean {
  return type === "number" || type === "bigint";
}

/** The id of a cell's element; the row -1 is the header. */
export function cellId(row: number, column: number): string {
  return row === -1 ? `head-${column}` : `cell-${row}-${column}`;
}
