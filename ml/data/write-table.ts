/** @file Tables as files. A file is written beside its place and moved there when it is whole and on the disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBeside } from "../atomic-file.ts";
import { ColumnError } from "./errors.ts";
import { requireUnchanged, type FileStamp } from "./file-stamps.ts";
import { textLiteral } from "./literals.ts";
import { loadPolars, type PolarsFrame } from "./optional-packages.ts";
import type { TableSource } from "./table-source.ts";

/** The forms that DuckDB writes. */
export type WrittenFormat = "parquet" | "csv";

const formats: Readonly<Record<WrittenFormat, string>> = {
  parquet: "FORMAT parquet",
  csv: "FORMAT csv, HEADER true",
};

/**
 * Writes a table's rows, in their order, and returns how many there were. On any failure what was there stays as it was.
 * @throws {@link ColumnError} where the file has not all of the rows
 */
export async function writeTable(
  table: TableSource & { readonly files: readonly FileStamp[] },
  path: string,
  format: WrittenFormat,
): Promise<number> {
  return await writeBeside(path, async (temporary) => {
    const file = textLiteral(temporary);
    const copied = await table.database.ask(
      `COPY (${table.sql}\n) TO ${file} (${formats[format]}, USE_TMP_FILE false)`,
    );
    const [row] = await copied.getRowsJS();
    const written = Number(row?.[0] ?? 0);
    await requireUnchanged(table.files);
    if (format === "parquet") {
      const [found] = await (
        await table.database.ask(`SELECT count(*) FROM read_parquet(${file})`)
      ).getRowsJS();
      const kept = Number(found?.[0] ?? 0);
      if (kept !== written) {
        throw new ColumnError(`of ${written} rows the file has ${kept}; it was not kept`);
      }
    }
    return written;
  });
}

/** All rows as a data frame of Polars's, by way of a Parquet file that is gone afterwards. */
export async function polarsFrame(
  table: TableSource & { readonly files: readonly FileStamp[] },
): Promise<PolarsFrame> {
  const polars = await loadPolars("toPolars()");
  const folder = await mkdtemp(join(tmpdir(), "tenon-polars-"));
  try {
    const path = join(folder, "table.parquet");
    await writeTable(table, path, "parquet");
    return polars.readParquet(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
