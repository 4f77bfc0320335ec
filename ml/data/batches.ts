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

const endMark = "tenon_end";

/**
 * Streams a query in batches of at least `rows` rows, but for the last one.
 * @throws {@link ColumnError} where not all rows come
 */
export async function* batchesOf(
  source: TableSource,
  rows: number,
  nulls: NullRule = "refused",
): AsyncGenerator<RawBatch, void, undefined> {
  let waiting: Part[] = [];
  let delivered = 0;
  let gathered = 0;
  const batch = (): RawBatch => {
    const reader = new ArrayReader(source.columns, gathered, delivered, nulls);
    for (const part of waiting) reader.read(part.chunk, part.rows);
    const made = { rowCount: gathered, arrays: reader.finish(), masks: reader.masks };
    delivered += gathered;
    waiting = [];
    gathered = 0;
    return made;
  };
  for await (const part of partsOf(source, nulls)) {
    waiting.push(part);
    gathered += part.rows;
    if (gathered >= rows) yield batch();
  }
  if (gathered > 0) yield batch();
}

/** The first rows of a chunk. */
export interface Part {
  readonly chunk: DuckDBDataChunk;
  readonly rows: number;
}

/**
 * The chunks of a table's {@link arrayQuery}, as they come.
 *
 * A stream that fails or is cut off ends like one that is done. So a last row is added that marks the end: without it not
 * all rows came, which is an error. The stream has a connection of its own, since another statement on it would end it.
 * @throws {@link ColumnError} where not all rows come
 */
export async function* partsOf(
  source: TableSource,
  nulls: NullRule = "refused",
): AsyncGenerator<Part, void, undefined> {
  const { connection, signal, close } = await source.database.connect();
  const query = arrayQuery(source.sql, source.columns, nulls);
  try {
    const stream = await connection.stream(
      `SELECT *, false AS ${endMark} FROM (${query}\n) UNION ALL BY NAME SELECT true AS ${endMark}`,
    );
    let delivered = 0;
    // Only the last chunk is asked for the mark: each look at a column takes time.
    let last: DuckDBDataChunk | undefined;
    for (
      let chunk = await stream.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await stream.fetchChunk()
    ) {
      signal?.throwIfAborted();
      if (last !== undefined) {
        delivered += last.rowCount;
        yield { chunk: last, rows: last.rowCount };
      }
      last = chunk;
    }
    signal?.throwIfAborted();
    const isWhole = last?.getColumnVector(source.columns.length).getItem(last.rowCount - 1) === true;
    if (last !== undefined) {
      const rows = last.rowCount - (isWhole ? 1 : 0);
      delivered += rows;
      if (rows > 0) yield { chunk: last, rows };
    }
    if (!isWhole) {
      // Asked for as one value, the same rows tell why.
      await connection.run(`SELECT bit_xor(hash(rows)) FROM (${query}\n) AS rows`);
      throw new ColumnError(`DuckDB delivered ${delivered} rows, and not all of them`);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ColumnError) throw cause;
    throw new QueryError(cause instanceof Error ? cause.message : String(cause), source.sql, { cause });
  } finally {
    close();
  }
}
