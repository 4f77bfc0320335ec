/** @file Tables in files, for commands. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { openDatabase, sqlText, type Database } from "../../ml/data/database.ts";
import { QueryError } from "../../ml/data/errors.ts";
import { tableSource, type TableSource } from "../../ml/data/table-source.ts";
import { CommandFailure, describeFileError } from "../failure.ts";

const readers: readonly (readonly [ending: RegExp, reader: string])[] = [
  [/\.parquet$/i, "read_parquet"],
  [/\.(?:csv|tsv)(?:\.gz)?$/i, "read_csv"],
  [/\.(?:json|ndjson|jsonl)(?:\.gz)?$/i, "read_json"],
];

/**
 * Opens a file's table.
 * @throws {CommandFailure} where there is no such file, or none that holds a table
 */
export async function openTable(database: Database, file: string): Promise<TableSource> {
  const reader = readers.find(([ending]) => ending.test(file))?.[1];
  try {
    await stat(file);
  } catch (cause) {
    throw new CommandFailure(describeFileError(cause, file), undefined, { cause });
  }
  if (reader === undefined)
    throw new CommandFailure(`${file}: tables are read from .parquet, .csv, .tsv, .json and .ndjson files`);
  return await reporting(
    file,
    async () => await tableSource(database, `FROM ${reader}(${sqlText(resolve(file))})`),
  );
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
    if (!(cause instanceof QueryError)) throw cause;
    // DuckDB repeats the statement after a blank line; what it says stands before.
    const [message = ""] = cause.message.split(/\n\s*\n(?:LINE|\^)/);
    throw new CommandFailure(`${file}: ${message.trim()}`, undefined, { cause });
  }
}
