/**
 * @file All rows of a table as arrays. They are streamed, and each chunk is read when it comes: a result that DuckDB holds
 * whole is as large as the arrays, and stays until it is collected as garbage.
 */
import { partsOf } from "./batches.ts";
import { QueryError } from "./errors.ts";
import { expectedRows } from "./expected-rows.ts";
import type { TableSource } from "./table-source.ts";
import { ArrayReader, arrayQuery } from "./table-arrays.ts";
import type { AnyColumnArray } from "./table-types.ts";

type Arrays = Readonly<Record<string, AnyColumnArray>>;

/** Of fewer rows it isn't asked how many there will be: the question takes longer than it saves. */
const askedFrom = 65_536;
/** Room is made for as many at most: a plan may be wrong. */
const mostReserved = 2 ** 28;

/** One array for each column. Throws {@link ColumnError} for a null that an array cannot hold. */
export async function wholeArrays(source: TableSource): Promise<Arrays> {
  const reader = new ArrayReader(source.columns, undefined);
  try {
    let isAsked = false;
    for await (const { chunk, rows } of partsOf(source)) {
      reader.read(chunk, rows);
      if (isAsked || reader.filled < askedFrom) continue;
      isAsked = true;
      const expected = await expectedRows(source);
      if (expected !== undefined && expected <= mostReserved) reader.reserve(expected);
    }
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
