/** @file Tables that are sorted by a click, or Enter, on a column's head: rising, falling, and as they were. */

/** Makes the heads of tables with `data-rp-sort` into buttons. Cells may carry what they are sorted by in `data-value`. */
export function setUpSorting(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-rp-sort]")) setUpTable(table);
}

type Direction = "ascending" | "descending" | "none";

const next: Readonly<Record<Direction, Direction>> = {
  none: "ascending",
  ascending: "descending",
  descending: "none",
};

function setUpTable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const original = [...body.rows];
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  for (const [index, head] of heads.entries()) {
    if (head.dataset["rpFixed"] !== undefined) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const direction = next[before === "ascending" || before === "descending" ? before : "none"];
      for (const each of heads) if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", direction);
      body.append(...(direction === "none" ? original : sorted(original, index, direction === "descending")));
    });
  }
}

function sorted(
  rows: readonly HTMLTableRowElement[],
  index: number,
  isFalling: boolean,
): HTMLTableRowElement[] {
  const keys = new Map(rows.map((row) => [row, key(row.cells[index])]));
  return [...rows].sort((a, b) => (isFalling ? -1 : 1) * compare(keys.get(a) ?? "", keys.get(b) ?? ""));
}

function key(cell: HTMLTableCellElement | undefined): string | number {
  const value = cell?.dataset["value"] ?? cell?.textContent?.trim() ?? "";
  return value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true, sensitivity: "base" });
}
