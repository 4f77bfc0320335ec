/** @file Cells of a table as text: short for the eye, whole for the clipboard. */
import type { Cell } from "../../kernel/protocol.ts";

/** What is shown. */
export function shownText(cell: Cell): string {
  if (typeof cell === "number") return numberText(cell);
  if (typeof cell === "object" && cell !== null && cell.kind === "date") return dateText(cell.text);
  return wholeText(cell);
}

/** The whole value in one line. */
export function wholeText(cell: Cell): string {
  if (cell === null) return "null";
  if (typeof cell !== "object") return String(cell);
  switch (cell.kind) {
    case "undefined":
      return "undefined";
    case "text":
      return `${cell.text}…`;
    case "unreadable":
      return `⚠ ${cell.text}`;
    default:
      return cell.text;
  }
}

/** What goes to the clipboard; missing values are empty. */
export function copiedText(cell: Cell): string {
  return isMissing(cell) ? "" : wholeText(cell).replaceAll(/[\t\r\n]+/g, " ");
}

/** True for null and undefined. */
export function isMissing(cell: Cell): boolean {
  return cell === null || (typeof cell === "object" && cell.kind === "undefined");
}

/** How a cell is set: `number` to the right, `missing` and `special` paler. */
export function cellStyle(cell: Cell): "number" | "missing" | "special" | "plain" {
  if (isMissing(cell)) return "missing";
  if (typeof cell === "number") return "number";
  if (typeof cell !== "object" || cell === null) return "plain";
  if (cell.kind === "number" || cell.kind === "bigint") return "number";
  return cell.kind === "value" || cell.kind === "unreadable" ? "special" : "plain";
}

/** At most seven significant digits of a fraction; integers as they are. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
}

/** ISO 8601 without what says nothing: `2001-01-31`, `2001-01-31 12:30`. */
export function dateText(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)(\.\d+)?Z$/.exec(iso);
  if (parts === null) return iso;
  const [, day = "", minutes = "", seconds = "", fraction = ""] = parts;
  const isWhole = fraction === "" || Number(fraction) === 0;
  if (!isWhole) return `${day} ${minutes}${seconds}${fraction}`;
  if (seconds !== ":00") return `${day} ${minutes}${seconds}`;
  return minutes === "00:00" ? day : `${day} ${minutes}`;
}
