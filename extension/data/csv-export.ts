/**
 * @file Writes a table's rows as CSV (RFC 4180, UTF-8), page by page from the kernel.
 *
 * Invariant: the file of that name is whole or as it was before; what is half written has another name and is removed.
 */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { type Cell, type VariablePath, largestPage } from "../../kernel/protocol.ts";
import type { PageQuery } from "../../webviews/data-viewer/protocol.ts";
import type { VariablesClient } from "./variables-client.ts";

export interface CsvExport {
  readonly path: VariablePath;
  /** The columns, in this order. */
  readonly columns: readonly string[];
  readonly sort: PageQuery["sort"];
  readonly filters: PageQuery["filters"];
}

/** Writes the file and returns the number of rows. @throws where it is aborted, the kernel goes or the disk is full */
export async function exportCsv(
  client: Pick<VariablesClient, "page">,
  { path, columns, sort, filters }: CsvExport,
  file: string,
  onProgress: (rows: number, of: number | null) => void,
  signal: AbortSignal,
): Promise<number> {
  const partial = `${file}.${randomUUID().slice(0, 8)}.part`;
  const handle = await open(partial, "wx");
  let written = 0;
  try {
    await handle.write(`${columns.map(csvField).join(",")}\r\n`);
    for (;;) {
      signal.throwIfAborted();
      const page = await client.page(path, { offset: written, limit: largestPage, sort, filters });
      const places = columns.map((name) => page.columns.findIndex((column) => column.name === name));
      const lines = page.rows.map((row) => places.map((place) => csvField(csvText(row[place]))).join(","));
      if (lines.length > 0) await handle.write(`${lines.join("\r\n")}\r\n`);
      written += page.rows.length;
      onProgress(written, page.rowCount);
      if (page.rows.length === 0 || written === page.rowCount) break;
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
  return written;
}

function csvText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") return String(cell);
  return cell.kind === "undefined" ? "" : cell.text;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
