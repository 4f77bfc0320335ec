/**
 * @file All rows of a table as arrays. They are streamed: a result that DuckDB holds whole is as large as the arrays, and
 * stays until it is collected as garbage.
 */
import { batchesOf } from "./batches.ts";
import { ColumnError, QueryError } from "./errors.ts";
import type { TableSource } from "./table-source.ts";
import { ArrayReader, arrayQuery } from "./table-arrays.ts";
import type { AnyColumnArray } from "./table-types.ts";

type Arrays = Readonly<Record<string, AnyColumnArray>>;

const batchRows = 262_144;

/** One array for each column. Throws {@link ColumnError} for a null that an array cannot hold. */
export async function wholeArrays(source: TableSource): Promise<Arrays> {
  const parts: Record<string, AnyColumnArray>[] = [];
  let rows = 0;
  try {
    for await (const batch of batchesOf(source, batchRows)) {
      parts.push({ ...batch.arrays });
      rows += batch.rowCount;
    }
  } catch (error) {
    // What only the user's connection knows (temporary tables and views) is asked for there.
    if (error instanceof QueryError && error.message.startsWith("Catalog Error"))
      return await heldArrays(source);
    throw error;
  }
  return joined(source, parts, rows);
}

async function heldArrays(source: TableSource): Promise<Arrays> {
  const result = await source.database.ask(arrayQuery(source.sql, source.columns));
  const reader = new ArrayReader(source.columns, result.rowCount);
  for (let index = 0; index < result.chunkCount; index++) reader.read(result.getChunk(index));
  return reader.finish();
}

/** Column by column, so that no more than one is there twice. */
function joined(source: TableSource, parts: readonly Record<string, AnyColumnArray>[], rows: number): Arrays {
  const [first] = parts;
  if (first === undefined) return new ArrayReader(source.columns, 0).finish();
  if (parts.length === 1) return first;
  return Object.fromEntries(
    source.columns.map(({ name }) => {
      const pieces = parts.map((part) => {
        const piece = part[name];
        if (piece === undefined) throw new ColumnError(`column "${name}" is missing in a batch`);
        delete part[name];
        return piece;
      });
      return [name, concatenated(pieces, rows)];
    }),
  );
}

function concatenated(pieces: readonly AnyColumnArray[], rows: number): AnyColumnArray {
  const [first = []] = pieces;
  if (!ArrayBuffer.isView(first)) return pieces.flatMap((piece) => (ArrayBuffer.isView(piece) ? [] : piece));
  // SAFETY: all pieces are of one class of typed arrays, whose constructor takes a length.
  const whole = new (first.constructor as new (length: number) => Extract<AnyColumnArray, ArrayBufferView>)(
    rows,
  );
  let filled = 0;
  for (const piece of pieces) {
    (whole as { set(piece: unknown, offset: number): void }).set(piece, filled);
    filled += piece.length;
  }
  return whole;
}
