/** @file What a file is, by its name, and the function of DuckDB that reads it. */
import { TableFileError } from "./errors.ts";
import { textLiteral } from "./literals.ts";
import { nativeType, type CastType } from "./native-types.ts";

/** The forms of files that tables are read from. */
export type FileFormat = "parquet" | "csv" | "json" | "arrow";

const formats: Readonly<Record<string, FileFormat>> = {
  parquet: "parquet",
  pq: "parquet",
  csv: "csv",
  tsv: "csv",
  json: "json",
  ndjson: "json",
  jsonl: "json",
  arrow: "arrow",
  feather: "arrow",
  ipc: "arrow",
};

/** The form of a file by its name. Throws {@link TableFileError} for a name that tells none. */
export function formatOf(path: string): FileFormat {
  const extension = /\.([a-z]+)(?:\.(?:gz|zst))?$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  const format = formats[extension];
  if (format !== undefined) return format;
  throw new TableFileError(
    path,
    `its name tells no form that is known (${Object.keys(formats).join(", ")}); give { format: "csv" } or another`,
  );
}

/** The query that reads files with DuckDB; columns whose types are given are read as these. */
export function scanQuery(
  path: string,
  format: Exclude<FileFormat, "arrow">,
  types: Readonly<Record<string, CastType>>,
): string {
  const file = textLiteral(path);
  const given = Object.entries(types).map(
    ([name, type]) => `${textLiteral(name)}: ${textLiteral(nativeType(type))}`,
  );
  switch (format) {
    case "parquet":
      return `SELECT * FROM read_parquet(${file})`;
    case "csv":
      return `SELECT * FROM read_csv(${[file, ...(given.length > 0 ? [`types = {${given.join(", ")}}`] : [])].join(", ")})`;
    default:
      return `SELECT * FROM read_json(${file})`;
  }
}

/** Whether a path is an address that only an extension of DuckDB's reads. */
export function isRemote(path: string): boolean {
  return /^(?:https?|s3|s3a|gs|gcs|r2|hf|azure|az|abfss):\/\//i.test(path);
}
