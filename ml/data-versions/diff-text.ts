/** @file The difference between two snapshots as text for people. */
import type { SnapshotDifference } from "./diff.ts";
import type { TableDifference } from "./diff-tables.ts";
import { aligned, bytesText, count, figureText } from "./text-format.ts";

/** Lines that are shown of a list before the rest is only counted. */
const shownLines = 50;

/** What is different between two snapshots. */
export function diffText(difference: SnapshotDifference): string {
  const { before, after, isSame, added, removed, changed, unchanged, tables } = difference;
  if (isSame) return `${before.id} and ${after.id} hold the same, byte by byte`;
  const lines = [
    ...added.map(({ path, size }) => `+ ${path}  ${bytesText(size)}`),
    ...removed.map(({ path, size }) => `- ${path}  ${bytesText(size)}`),
    ...changed.map(
      (file) => `~ ${file.path}  ${bytesText(file.before.size)} → ${bytesText(file.after.size)}`,
    ),
  ];
  const shown = lines.slice(0, shownLines);
  if (lines.length > shown.length) shown.push(`… and ${lines.length - shown.length} more`);
  return [
    `${before.id} → ${after.id}: ${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} as before`,
    ...shown,
    ...tables.flatMap(tableText),
  ].join("\n");
}

function tableText(table: TableDifference): string[] {
  const { path, rows, hasSameRows, added, removed, retyped, isReordered, statistics } = table;
  const lines = ["", `${path}: ${rowsText(rows)}${hasSameRows ? ", the same ones" : ""}`];
  for (const { name, type } of added) lines.push(`+ column ${name}  ${type}`);
  for (const { name, type } of removed) lines.push(`- column ${name}  ${type}`);
  for (const { name, before, after } of retyped) lines.push(`~ column ${name}  ${before} → ${after}`);
  if (isReordered) lines.push("~ columns in another order");
  const figures = statistics.map(({ column, statistic, before, after }) => [
    column,
    statistic,
    figureText(before),
    figureText(after),
  ]);
  if (figures.length > 0) lines.push(aligned([["column", "statistic", "before", "after"], ...figures]));
  return lines;
}

function rowsText({ before, after }: TableDifference["rows"]): string {
  if (before === after) return count(after, "row");
  const more = after - before;
  return `${before} → ${count(after, "row")} (${more > 0 ? "+" : ""}${more})`;
}
