/**
 * @file Files as tables.
 *
 * Only names and types of columns are read now. A file that changes afterwards is an error when rows are asked for, so
 * that no result mixes two states of it.
 */
import { resolve } from "node:path";
import type { Database } from "./database.ts";
import { QueryError, TableFileError } from "./errors.ts";
import { formatOf, isRemote, scanQuery, type FileFormat } from "./file-format.ts";
import { stampFiles, type FileStamp } from "./file-stamps.ts";
import { textLiteral } from "./literals.ts";
import type { CastType } from "./native-types.ts";
import { sharedDatabase } from "./shared-database.ts";
import { Table } from "./table.ts";
import { readableError } from "./table-errors.ts";
import { tableSource } from "./table-source.ts";
import type { ColumnsOf } from "./table-types.ts";

/** How files are read. */
export interface ReadOptions {
  /** The database that reads them; a shared one in memory where absent. */
  readonly database?: Database;
  /** What they are, where their names don't tell. */
  readonly format?: FileFormat;
  /** Types of columns of CSV files, instead of those that their first rows suggest. */
  readonly types?: Readonly<Record<string, CastType>>;
}

/**
 * A file, or all files of a pattern (`"data/*.parquet"`), as a table: Parquet, CSV and TSV, JSON and NDJSON, Arrow. Text
 * files may be compressed (`.gz`, `.zst`).
 *
 * Relative paths start in the working folder. Addresses (`https://`, `s3://`) need an extension of DuckDB's, which is
 * fetched only on request: `await database.installExtension("httpfs")`.
 * @throws {@link TableFileError} where there is no such file, or it is not what its name says
 * @example
 * const flights = await read("flights.parquet");
 */
export async function read<const Path extends string>(
  path: Path,
  options: ReadOptions = {},
): Promise<Table<ColumnsOf<Path>>> {
  const database = options.database ?? (await sharedDatabase());
  const format = options.format ?? formatOf(path);
  if (options.types !== undefined && format !== "csv") {
    throw new TableFileError(path, `its columns have types of their own; "types" is for CSV files`);
  }
  if (format === "arrow") throw new TableFileError(path, "Arrow files cannot be read yet");
  const files = isRemote(path) ? [] : await findFiles(database, path);
  try {
    const source = await tableSource(database, scanQuery(scanned(path), format, options.types ?? {}));
    return new Table({ ...source, files, isOrdered: true });
  } catch (error) {
    throw fileError(path, error);
  }
}

/** The files of a pattern, with what they are like now. */
async function findFiles(database: Database, path: string): Promise<FileStamp[]> {
  let paths: readonly string[];
  try {
    const found = await database.ask(`SELECT file FROM glob(${textLiteral(scanned(path))}) ORDER BY file`);
    paths = (await found.getRowsJS()).flatMap(([file]) => (typeof file === "string" ? [file] : []));
  } catch (error) {
    throw fileError(path, error);
  }
  if (paths.length === 0) throw new TableFileError(path, `there is no such file (in ${process.cwd()})`);
  return await stampFiles(paths);
}

/** The path as DuckDB is given it: absolute, so that a later change of the working folder changes no table. */
function scanned(path: string): string {
  return isRemote(path) ? path : resolve(path);
}

function fileError(path: string, error: unknown): unknown {
  const readable = readableError(error);
  if (!(readable instanceof QueryError)) return readable;
  const message = readable.message.split("\n", 1)[0] ?? "";
  if (isRemote(path) && /httpfs|azure|extension/i.test(readable.message)) {
    const extension = /^(?:azure|az|abfss):/i.test(path) ? "azure" : "httpfs";
    return new TableFileError(
      path,
      `reading it needs DuckDB's extension ${extension}, which is fetched on request only: await database.installExtension("${extension}"), then read(path, { database })`,
      { cause: error },
    );
  }
  return new TableFileError(path, message, { cause: error });
}
