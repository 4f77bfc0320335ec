/** @file Opens a data file, or files of a pattern, as a table in DuckDB. */
import { extname } from "node:path";
import { openDatabase, sqlText, tableSource, type Database, type TableSource } from "../../ml/data/index.ts";
import { dataFormats, type DataFormat } from "../commands/data-suites.ts";
import { CommandFailure, exitCode } from "../failure.ts";

/** A table that lasts until its database is closed. */
export interface OpenData extends Disposable {
  readonly database: Database;
  readonly source: TableSource;
}

const readers: Readonly<Record<DataFormat, (path: string) => string>> = {
  parquet: (path) => `read_parquet(${path})`,
  csv: (path) => `read_csv(${path})`,
  tsv: (path) => `read_csv(${path}, delim = '\t')`,
  json: (path) => `read_json(${path})`,
  ndjson: (path) => `read_json(${path}, format = 'newline_delimited')`,
};

const endings: Readonly<Record<string, DataFormat>> = {
  ...Object.fromEntries(dataFormats.map((format) => [`.${format}`, format])),
  ".pq": "parquet",
  ".jsonl": "ndjson",
};

/** @throws {CommandFailure} where the format isn't known or DuckDB can't read the file */
export async function openData(path: string, format: DataFormat | undefined): Promise<OpenData> {
  const found = format ?? endings[extname(path.replace(/\.(?:gz|zst)$/i, "")).toLowerCase()];
  if (found === undefined) {
    const known = dataFormats.join(", ");
    throw new CommandFailure(
      `what ${path} is, its ending doesn't tell: --format is one of ${known}`,
      exitCode.usage,
    );
  }
  const database = await openDatabase();
  try {
    const rows = `FROM ${readers[found](sqlText(path))}`;
    // Text is parsed once; what doesn't fit in memory goes to DuckDB's temporary folder.
    if (found !== "parquet") await database.run(`CREATE TEMP TABLE data AS ${rows}`);
    const source = await tableSource(database, found === "parquet" ? rows : "FROM data");
    return { database, source, [Symbol.dispose]: () => database.close() };
  } catch (cause) {
    database.close();
    throw dataFailure(path, cause);
  }
}

/** The failure of a file that can't be read, or only in part. */
export function dataFailure(path: string, cause: unknown): CommandFailure {
  const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
  return new CommandFailure(`cannot read ${path}: ${reason}`, exitCode.usage, { cause });
}
