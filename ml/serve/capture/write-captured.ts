/** @file Captured calls as Parquet files, through DuckDB. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fromArrays } from "../../data/from-arrays.ts";
import { dropStored } from "../../data/memory-tables.ts";
import { writeTable } from "../../data/write-table.ts";
import type { CapturedCall } from "./capture.ts";
import { capturedColumns } from "./captured-columns.ts";

let files = 0;

/**
 * Writes calls of one version to a file of their own, in folders by model and version as Hive has them, and returns its path.
 * The file is there whole or not at all.
 */
export async function writeCaptured(
  folder: string,
  calls: readonly CapturedCall[],
  redact: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const [first] = calls;
  if (!first) throw new RangeError("no calls make no file");
  const { model, version } = first.response;
  const place = join(folder, `model=${encodeURIComponent(model)}`, `version=${encodeURIComponent(version)}`);
  await mkdir(place, { recursive: true });
  const time = new Date(first.time).toISOString().replaceAll(":", "-");
  files += 1;
  const path = join(place, `${time}-${process.pid}-${files}.parquet`);
  const names = [...(redact["*"] ?? []), ...((Object.hasOwn(redact, model) && redact[model]) || [])];
  const table = await fromArrays(capturedColumns(calls, new Set(names)));
  try {
    await writeTable(table, path, "parquet");
  } finally {
    await dropStored(table);
  }
  return path;
}
