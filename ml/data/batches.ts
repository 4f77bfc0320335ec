/** @file A table's rows some at a time, so that the table may be larger than memory. */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { ColumnError, QueryError } from "./errors.ts";
import type { TableSource } from "./table-source.ts";
import { ArrayReader, arrayQuery } from "./table-arrays.ts";
import type { AnyColumnArray } from "./table-types.ts";

/** Rows of a batch. */
export interface RawBatch {
  readonly rowCount: number;
  readonly arrays: Readonly<Record<string, AnyColumnArray>>;
}

/**
 * Streams a query in batches of at least `rows` rows, but for the last one. A stream that ends early is an error: the rows
 * are counted first, in the same transaction.
 *
 * On a connection of its own, since a statement on the stream's would end it.
 */
export async function* batchesOf(
  source: TableSource,
  rows: number,
): AsyncGenerator<RawBatch, void, undefined> {
  const { connection, close } = await source.database.connect();
  try {
    await connection.run("BEGIN");
    const counted = await connection.run(`SELECT count(*) FROM (${source.sql}\n)`);
    const expected = Number((await counted.getRows())[0]?.[0] ?? 0);
    const stream = await connection.stream(arrayQuery(source.sql, source.columns));
    let waiting: DuckDBDataChunk[] = [];
    let delivered = 0;
    let gathered = 0;
    const batch = (): RawBatch => {
      const reader = new ArrayReader(source.columns, gathered, delivered);
      for (const chunk of waiting) reader.read(chunk);
      const made = { rowCount: gathered, arrays: reader.finish() };
      delivered += gathered;
      waiting = [];
      gathered = 0;
      return made;
    };
    for (
      let chunk = await stream.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await stream.fetchChunk()
    ) {
      waiting.push(chunk);
      gathered += chunk.rowCount;
      if (gathered >= rows) yield batch();
    }
    if (gathered > 0) yield batch();
    if (delivered !== expected) {
      throw new ColumnError(`DuckDB counted ${expected} rows and delivered ${delivered}`);
    }
  } catch (cause) {
    if (cause instanceof ColumnError) throw cause;
    throw new QueryError(cause instanceof Error ? cause.message : String(cause), source.sql, { cause });
  } finally {
    close();
  }
}
