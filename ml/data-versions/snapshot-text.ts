/** @file Snapshots as text for people. */
import type { SnapshotColumn, SnapshotFile, SnapshotTable } from "./manifest.ts";
import { aligned, bytesText, count, figureText, timeText } from "./text-format.ts";

/** What is shown of a snapshot. */
export interface ShownSnapshot {
  readonly id: string;
  readonly digest: string;
  readonly createdAt: Date;
  readonly files: readonly SnapshotFile[];
  readonly size: number;
  readonly tables: readonly SnapshotTable[];
}

/** Snapshots, one a line. */
export function listText(snapshots: readonly ShownSnapshot[]): string {
  const rows = snapshots.map(({ id, createdAt, files, tables, size }) => [
    id,
    timeText(createdAt),
    count(files.length, "file"),
    bytesText(size),
    tables.length === 0 ? "" : count(sum(tables.map(({ rows }) => rows)), "row"),
  ]);
  return aligned([["snapshot", "taken", "files", "size", "rows"], ...rows]);
}

/** A snapshot: its files, and the columns of its tables. */
export function snapshotText(snapshot: ShownSnapshot): string {
  const { id, digest, createdAt, files, size, tables } = snapshot;
  const lines = [
    `${id}: ${count(files.length, "file")}, ${bytesText(size)}, taken ${timeText(createdAt)}`,
    `sha256 ${digest}`,
  ];
  for (const { path, rows, columns } of tables) {
    lines.push("", `${path}: ${count(rows, "row")}`);
    const described = columns.map((column) => columnCells(column));
    lines.push(aligned([["column", "type", "nulls", "distinct", "from", "to", "mean"], ...described]));
  }
  return lines.join("\n");
}

function columnCells(column: SnapshotColumn): string[] {
  const { name, type, nulls, distinct, min, max, mean, minLength, maxLength } = column;
  const length = (value: number | undefined): string => (value === undefined ? "" : `${value} long`);
  return [
    name,
    type,
    String(nulls),
    distinct === undefined ? "" : `~${distinct}`,
    min === undefined ? length(minLength) : figureText(min),
    max === undefined ? length(maxLength) : figureText(max),
    figureText(mean),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
