/** @file A table's rows some at a time, so that the table may be larger than memory. */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { ColumnError, QueryError } from "./errors.ts";
import type { TableSource } from "./table-source.ts";
import { ArrayReader, arrayQuery, type NullMask, type NullRule } from "./table-arrays.ts";
import type { AnyColumnArray } from "./table-types.ts";

/** Rows of a batch. */
export interface RawBatch {
  readonly rowCount: number;
  readonly arrays: Readonly<Record<string, AnyColumnArray>>;
  /** Of arrays with nulls, where these are masked. */
  readonly masks: ReadonlyMap<string, NullMask>;
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
  nulls: NullRule = "refused",
): AsyncGenerator<RawBatch, void, undefined> {
  const { connection, signal, close } = await source.database.connect();
  try {
    await connection.run("BEGIN");
    const counted = await connection.run(`SELECT count(*) FROM (${source.sql}\n)`);
    const expected = Number((await counted.getRows())[0]?.[0] ?? 0);
    const query = arrayQuery(source.sql, source.columns, nulls);
    const stream = await connection.stream(query);
    let waiting: DuckDBDataChunk[] = [];
    let delivered = 0;
    let gathered = 0;
    const batch = (): RawBatch => {
      const reader = new ArrayReader(source.columns, gathered, delivered, nulls);
      for (const chunk of waiting) reader.read(chunk);
      const made = { rowCount: gathered, arrays: reader.finish(), masks: reader.masks };
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
      signal?.throwIfAborted();
      waiting.push(chunk);
      gathered += chunk.rowCount;
      if (gathered >= rows) yield batch();
    }
    if (gathered > 0) yield batch();
    // An interrupted stream ends without a word, and so does one that fails.
    signal?.throwIfAborted();
    if (delivered !== expected) {
      // Asked for as one value, the same rows tell why.
      await connection.run("ROLLBACK");
      await connection.run(`SELECT bit_xor(hash(rows)) FROM (${query}) AS rows`);
      throw new ColumnError(`DuckDB counted ${expected} rows and delivered ${delivered}`);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ColumnError) throw cause;
    throw new QueryError(cause instanceof Error ? cause.message : String(cause), source.sql, { cause });
  } finally {
    close();
  }
}
