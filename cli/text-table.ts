/** @file Tables for people: columns as wide as what is in them, two spaces between. */
import type { Terminal } from "./terminal.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  readonly cells: readonly (string | undefined)[];
}

/** Prints a table; what is undefined is an empty cell. Control characters, which could change the terminal, become spaces. */
export function printTable(terminal: Terminal, columns: readonly Column[]): void {
  const texts = columns.map(({ cells }) => cells.map((cell) => plainCell(cell ?? "")));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...(texts[at] ?? []).map((text) => text.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) =>
        columns[at]?.align === "right" ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  terminal.line(terminal.style("bold", line(columns.map(({ title }) => title))));
  const rows = texts[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) terminal.line(line(texts.map((column) => column[row] ?? "")));
}

/** Prints names and values below each other; what is undefined is left out. */
export function printFields(terminal: Terminal, fields: Readonly<Record<string, string | undefined>>): void {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(...shown.map(([name]) => name.length), 0);
  for (const [name, value] of shown)
    terminal.line(`${terminal.style("dim", name.padEnd(width))}  ${plainCell(value ?? "")}`);
}

/** A text of others on one line, without what could change the terminal. */
export function plainCell(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g, " ");
}

/** A moment as people read it, in UTC: `2026-11-26 20:15`. */
export function formatTime(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || !(Math.abs(milliseconds) <= 8.64e15)) return undefined;
  return new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");
}

/** A number with the digits that tell: six significant ones. */
export function formatNumber(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Number.isInteger(value) && Math.abs(value) < 1e15
    ? String(value)
    : String(Number(value.toPrecision(6)));
}
