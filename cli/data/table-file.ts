/** @file Tables in files, for commands. */
import { openDatabase, type Database } from "../../ml/data/database.ts";
import { QueryError, TableFileError } from "../../ml/data/errors.ts";
import { formatOf } from "../../ml/data/file-format.ts";
import { read } from "../../ml/data/read.ts";
import type { TableSource } from "../../ml/data/table-source.ts";
import { CommandFailure } from "../failure.ts";

/**
 * Opens the table of a file, or of the files of a pattern.
 * @throws {CommandFailure} where there is no such file, or none that holds a table
 */
export async function openTable(database: Database, file: string): Promise<TableSource> {
  try {
    formatOf(file);
  } catch (cause) {
    const known = ".parquet, .csv, .tsv, .json, .ndjson and .arrow files";
    throw new CommandFailure(`${file}: tables are read from ${known}`, undefined, { cause });
  }
  return await reporting(file, async () => await read(file, { database }));
}

/** Runs work on tables in a database in memory. @throws {CommandFailure} where DuckDB cannot read them */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  using database = await openDatabase();
  return await work(database);
}

/** Turns what DuckDB says of a file into the command's failure. */
export async function reporting<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TableFileError) throw new CommandFailure(cause.message, undefined, { cause });
    if (!(cause instanceof QueryError)) throw cause;
    // DuckDB repeats the statement after a blank line; what it says stands before.
    const [message = ""] = cause.message.split(/\n\s*\n(?:LINE|\^)/);
    throw new CommandFailure(`${file}: ${message.trim()}`, undefined, { cause });
  }
}
