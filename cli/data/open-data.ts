/** @file Opens a data file, or files of a pattern, as a table in DuckDB. */
import { formatOf } from "../../ml/data/file-format.ts";
import {
  openDatabase,
  read,
  TableFileError,
  tableSource,
  type Database,
  type TableSource,
} from "../../ml/data/index.ts";
import { dataFormats, type DataFormat } from "../commands/data-suites.ts";
import { CommandFailure, exitCode } from "../failure.ts";

/** A table that lasts until its database is closed. */
export interface OpenData extends Disposable {
  readonly database: Database;
  readonly source: TableSource;
}

/** @throws {CommandFailure} where the format isn't known or DuckDB can't read the file */
export async function openData(path: string, format: DataFormat = formatByName(path)): Promise<OpenData> {
  const database = await openDatabase();
  try {
    const table = await read(path, { database, format });
    const isText = format === "csv" || format === "json";
    // Text is parsed once; what doesn't fit in memory goes to DuckDB's temporary folder.
    if (isText) await database.run(`CREATE TEMP TABLE data AS ${table.sql}`);
    const source = isText ? await tableSource(database, "FROM data") : table;
    return { database, source, [Symbol.dispose]: () => database.close() };
  } catch (cause) {
    database.close();
    throw dataFailure(path, cause);
  }
}

function formatByName(path: string): DataFormat {
  try {
    return formatOf(path);
  } catch (cause) {
    const known = dataFormats.join(", ");
    throw new CommandFailure(
      `what ${path} is, its ending doesn't tell: --format is one of ${known}`,
      exitCode.usage,
      { cause },
    );
  }
}

/** The failure of a file that can't be read, or only in part. */
export function dataFailure(path: string, cause: unknown): CommandFailure {
  const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
  const message = cause instanceof TableFileError ? reason : `${path}: ${reason}`;
  return new CommandFailure(`cannot read ${message}`, exitCode.usage, { cause });
}
