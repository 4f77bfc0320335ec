/**
 * @file All rows of a table as arrays. They are streamed, and each chunk is read when it comes: a result that DuckDB holds
 * whole is as large as the arrays, and stays until it is collected as garbage.
 */
import { partsOf } from "./batches.ts";
import { QueryError } from "./errors.ts";
import type { TableSource } from "./table-source.ts";
import { ArrayReader, arrayQuery } from "./table-arrays.ts";
import type { AnyColumnArray } from "./table-types.ts";

type Arrays = Readonly<Record<string, AnyColumnArray>>;

/** One array for each column. Throws {@link ColumnError} for a null that an array cannot hold. */
export async function wholeArrays(source: TableSource): Promise<Arrays> {
  const reader = new ArrayReader(source.columns, undefined);
  try {
    for await (const { chunk, rows } of partsOf(source)) reader.read(chunk, rows);
  } catch (error) {
    // What only the user's connection knows (temporary tables and views) is asked for there.
    if (error instanceof QueryError && error.message.startsWith("Catalog Error"))
      return await heldArrays(source);
    throw error;
  }
  return reader.finish();
}

async function heldArrays(source: TableSource): Promise<Arrays> {
  const result = await source.database.ask(arrayQuery(source.sql, source.columns));
  const reader = new ArrayReader(source.columns, result.rowCount);
  for (let index = 0; index < result.chunkCount; index++) reader.read(result.getChunk(index));
  return reader.finish();
}
