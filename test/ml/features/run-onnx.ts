/** @file A model of features run by ONNX Runtime on a table's columns, as whoever serves it would. */
import type { TableSource } from "../../../ml/data/table-source.ts";
import { identifier } from "../../../ml/data/relation-sql.ts";
import type { FittedFeatures } from "../../../ml/features/index.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { tensorData, type TensorData } from "../../../ml/graph/runtime/tensor-data.ts";

/** The output of the exported model, row by row. */
export async function runOnnx(fitted: FittedFeatures, table: TableSource): Promise<Float32Array> {
  await using session = await Session.create(fitted.toOnnx());
  const feeds: Record<string, TensorData> = {};
  for (const { name, dtype, type } of fitted.inputs) {
    const column = identifier(name);
    const value =
      type === "date"
        ? `date_diff('day', DATE '1970-01-01', ${column})`
        : type.startsWith("timestamp")
          ? `epoch_us(${column})`
          : column;
    const { rows } = await table.database.query(`SELECT ${value} AS value FROM (${table.sql})`);
    const values = rows.map((row) => row["value"] ?? null);
    const numbers = values.map((each) => (each === null ? Number.NaN : Number(each)));
    const shape = [values.length, 1];
    if (dtype === "string") {
      const texts = values.map((each) => (typeof each === "string" ? each : ""));
      feeds[name] = tensorData(dtype, texts, shape);
    } else if (dtype === "int64") {
      feeds[name] = tensorData(dtype, BigInt64Array.from(numbers, BigInt), shape);
    } else if (dtype === "bool") feeds[name] = tensorData(dtype, Uint8Array.from(numbers), shape);
    else if (dtype === "float32") feeds[name] = tensorData(dtype, Float32Array.from(numbers), shape);
    else feeds[name] = tensorData(dtype, Float64Array.from(numbers), shape);
  }
  const { features } = await session.run(feeds, { features: null });
  if (features?.dtype !== "float32") throw new Error("the model has no output of float32");
  return features.data;
}
