/** @file Tables as files. A file is written beside its place and moved there when it is whole and on the disk. */
import { writeBeside } from "../atomic-file.ts";
import { ColumnError } from "./errors.ts";
import { requireUnchanged, type FileStamp } from "./file-stamps.ts";
import { textLiteral } from "./literals.ts";
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
