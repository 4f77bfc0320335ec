/**
 * @file A table's rows as Apache Arrow's record batches, by the package `apache-arrow` where it is installed.
 *
 * Numbers, days and instants keep their types and are not copied again; decimals become `Float64`; identifiers and JSON
 * become texts. Types that have no such form are an error that names the column.
 */
import { open, type FileHandle } from "node:fs/promises";
import type * as Arrow from "apache-arrow";
import { writeBeside } from "../atomic-file.ts";
import { batchesOf, type RawBatch } from "./batches.ts";
import { columnType, type ColumnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import { requireUnchanged, type FileStamp } from "./file-stamps.ts";
import { textLiteral, typeName } from "./literals.ts";
import { loadArrow, type ArrowModule } from "./optional-packages.ts";
import type { ColumnDescription } from "./query-result.ts";
import type { NullMask } from "./table-arrays.ts";
import type { TableSource } from "./table-source.ts";
import type { AnyColumnArray } from "./table-types.ts";

const batchRows = 131_072;

/** All rows as a table of Arrow's. Throws {@link MissingPackageError} without `apache-arrow`. */
export async function arrowTable(source: TableSource): Promise<Arrow.Table> {
  const arrow = await loadArrow("toArrow()");
  const schema = schemaOf(arrow, source.columns);
  const batches: Arrow.RecordBatch[] = [];
  for await (const batch of recordBatches(arrow, schema, source)) batches.push(batch);
  return new arrow.Table(schema, batches);
}

/** Writes an Arrow IPC file batch by batch, whole or not at all, and returns the number of rows. */
export async function writeArrowFile(
  source: TableSource & { readonly files: readonly FileStamp[] },
  path: string,
): Promise<number> {
  const arrow = await loadArrow("writeArrow()");
  const schema = schemaOf(arrow, source.columns);
  return await writeBeside(path, async (temporary) => {
    // The database makes the file, since it may be confined to folders, and this process is not.
    await source.database.ask(
      `COPY (SELECT 1) TO ${textLiteral(temporary)} (FORMAT csv, USE_TMP_FILE false)`,
    );
    const file = await open(temporary, "w");
    try {
      const rows = await writeBatches(arrow, schema, source, file);
      await requireUnchanged(source.files);
      return rows;
    } finally {
      await file.close();
    }
  });
}

/** Writes header, batches and footer, and returns the number of rows. */
async function writeBatches(
  arrow: ArrowModule,
  schema: Arrow.Schema,
  source: TableSource,
  file: FileHandle,
): Promise<number> {
  const made: Uint8Array[] = [];
  class Sink extends arrow.AsyncByteQueue {
    override write(bytes: Uint8Array): void {
      made.push(bytes);
    }
  }
  const flush = async (): Promise<void> => {
    // Unlike write, this goes on until all bytes are written.
    for (const bytes of made.splice(0)) await file.writeFile(bytes);
  };
  const writer = new arrow.RecordBatchFileWriter();
  // The file's header and footer are written also where there are no batches.
  writer.reset(new Sink(), schema);
  let rows = 0;
  for await (const batch of recordBatches(arrow, schema, source)) {
    writer.write(batch);
    rows += batch.numRows;
    await flush();
  }
  writer.finish();
  await flush();
  return rows;
}

async function* recordBatches(
  arrow: ArrowModule,
  schema: Arrow.Schema,
  source: TableSource,
): AsyncGenerator<Arrow.RecordBatch, void, undefined> {
  for await (const batch of batchesOf(source, batchRows, "masked")) {
    yield recordBatch(arrow, schema, source.columns, batch);
  }
}

function recordBatch(
  arrow: ArrowModule,
  schema: Arrow.Schema,
  columns: readonly ColumnDescription[],
  { arrays, masks, rowCount }: RawBatch,
): Arrow.RecordBatch {
  const children = columns.map(({ name, type }) =>
    columnData(arrow, columnType(type), arrays[name] ?? [], masks.get(name)),
  );
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rowCount, children });
  return new arrow.RecordBatch(schema, data);
}

function columnData(
  arrow: ArrowModule,
  type: ColumnType,
  array: AnyColumnArray,
  mask: NullMask | undefined,
): Arrow.Data {
  if (type === "boolean" && array instanceof Uint8Array) {
    return arrow.makeData({
      type: new arrow.Bool(),
      length: array.length,
      data: packed(array),
      ...nulls(mask),
    });
  }
  if (ArrayBuffer.isView(array)) {
    const { DATA, VALIDITY } = arrow.BufferType;
    const { nullCount, nullBitmap } = nulls(mask);
    const buffers = { [DATA]: array, ...(nullBitmap && { [VALIDITY]: nullBitmap }) };
    return new arrow.Data(numericType(arrow, type), 0, array.length, nullCount, buffers);
  }
  if (type !== "blob") return textData(arrow, array, mask);
  const vector = arrow.vectorFromArray(array, new arrow.Binary());
  const [data] = vector.data;
  if (data === undefined || vector.data.length > 1) throw new ColumnError("Arrow cut a column of a batch");
  return data;
}

/** Texts one after the other, and where each begins. Arrow's own builder takes a hundred times as long. */
function textData(arrow: ArrowModule, array: AnyColumnArray, mask: NullMask | undefined): Arrow.Data {
  const texts = Array.from(array, (value) => (typeof value === "string" ? value : ""));
  const joined = texts.join("");
  const bytes = new TextEncoder().encode(joined);
  const isAscii = bytes.length === joined.length;
  const offsets = new Int32Array(texts.length + 1);
  let end = 0;
  for (const [row, text] of texts.entries()) {
    end += isAscii ? text.length : Buffer.byteLength(text);
    offsets[row + 1] = end;
  }
  const { OFFSET, DATA, VALIDITY } = arrow.BufferType;
  const { nullCount, nullBitmap } = nulls(mask);
  const buffers = { [OFFSET]: offsets, [DATA]: bytes, ...(nullBitmap && { [VALIDITY]: nullBitmap }) };
  return new arrow.Data(new arrow.Utf8(), 0, texts.length, nullCount, buffers);
}

function nulls(mask: NullMask | undefined): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  return mask === undefined ? { nullCount: 0 } : { nullCount: mask.nullCount, nullBitmap: mask.bits };
}

/** A bit for each boolean. */
function packed(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) {
    if (value !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

function schemaOf(arrow: ArrowModule, columns: readonly ColumnDescription[]): Arrow.Schema {
  return new arrow.Schema(
    columns.map(({ name, type }) => {
      const known = columnType(type);
      if (known === "string" || known === "uuid" || known === "json") {
        return new arrow.Field(name, new arrow.Utf8(), true);
      }
      if (known === "boolean") return new arrow.Field(name, new arrow.Bool(), true);
      if (known === "blob") return new arrow.Field(name, new arrow.Binary(), true);
      if (!numericTypes.has(known)) {
        throw new ColumnError(
          `column "${name}" is ${typeName(type)}, which has no form in Arrow here: cast or drop it`,
        );
      }
      return new arrow.Field(name, numericType(arrow, known), true);
    }),
  );
}

const numericTypes: ReadonlySet<ColumnType> = new Set<ColumnType>([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float32",
  "float64",
  "decimal",
  "date",
  "timestamp",
  "timestamptz",
]);

function numericType(arrow: ArrowModule, type: ColumnType): Arrow.DataType {
  switch (type) {
    case "int8":
      return new arrow.Int8();
    case "int16":
      return new arrow.Int16();
    case "int32":
      return new arrow.Int32();
    case "int64":
      return new arrow.Int64();
    case "uint8":
      return new arrow.Uint8();
    case "uint16":
      return new arrow.Uint16();
    case "uint32":
      return new arrow.Uint32();
    case "uint64":
      return new arrow.Uint64();
    case "float32":
      return new arrow.Float32();
    case "date":
      return new arrow.DateDay();
    case "timestamp":
      return new arrow.TimestampMicrosecond();
    case "timestamptz":
      return new arrow.TimestampMicrosecond("UTC");
    default:
      return new arrow.Float64();
  }
}
