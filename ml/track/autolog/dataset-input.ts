/** @file Fingerprints of data as MLflow's dataset inputs. */
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DataFingerprint } from "../environment/fingerprint.ts";
import type { DatasetInput } from "../run.ts";

/** The most columns that are listed. */
const mostColumns = 1_000;

/** Data as MLflow's `log_input` has it: `name` where no file names it. */
export function datasetInput(data: DataFingerprint, name: string): DatasetInput {
  const { columns = [], files = [], rows, sql, isPartial, kind, digest } = data;
  const [first] = files;
  const source = first
    ? { uri: pathToFileURL(resolve(first.path)).href, files }
    : { tags: { "mlflow.source.type": "LOCAL" } };
  const listed = columns.slice(0, mostColumns).map((column) => ({
    type: mlflowType(column.type),
    name: column.name,
    required: false,
  }));
  return {
    name: first ? basename(first.path) : name,
    digest,
    sourceType: first ? "local" : "code",
    source: JSON.stringify(source),
    ...(listed.length > 0 && { schema: JSON.stringify({ mlflow_colspec: listed }) }),
    profile: JSON.stringify({
      kind,
      ...(rows !== undefined && { num_rows: rows }),
      num_columns: columns.length,
      digest_of_part: isPartial,
      ...(sql !== undefined && { sql }),
    }),
  };
}

/** The type of a column in MLflow's schemas; those that it lacks are `string`. */
function mlflowType(type: string): string {
  const name = type.toLowerCase().replace(/[([].*/, "");
  if (/^(?:double|float64|decimal)$/.test(name)) return "double";
  if (/^(?:float|real|float32|float16)$/.test(name)) return "float";
  if (/^(?:bigint|ubigint|hugeint|uinteger|int64|uint32|uint64)$/.test(name)) return "long";
  if (/^(?:integer|smallint|tinyint|usmallint|utinyint|int8|int16|int32|uint8|uint16)$/.test(name))
    return "integer";
  if (/^bool(?:ean)?$/.test(name)) return "boolean";
  if (/^(?:date|timestamp)/.test(name)) return "datetime";
  if (name === "blob") return "binary";
  return "string";
}
