/** @file The steps of a route that no query computes: their tensor program, run batch by batch on what a query read. */
import { InvalidInputError } from "../errors.ts";
import { toOnnx, type InputType } from "../graph/export-onnx.ts";
import { Session } from "../graph/runtime/session.ts";
import type { ReadColumns } from "./feature-matrix.ts";
import { notebookHost } from "../notebook-host.ts";
import { columnTensor } from "./column-tensor.ts";
import { traceRoute, type FittedRoute } from "./fitted-route.ts";
import type { InputDType } from "./input-columns.ts";
import type { TimeUnit } from "./step.ts";
import { featuresOfTexts, writeFeatures } from "./text-part.ts";

/** A column that such steps read, by its name in the query. */
export interface TensorInput {
  readonly name: string;
  readonly dtype: InputDType;
  readonly unit?: TimeUnit;
}

/** Steps as a tensor program, and the first of the matrix' columns that it fills. */
export interface TensorPart {
  /** Which route it is. */
  readonly index: number;
  readonly start: number;
  readonly inputs: readonly TensorInput[];
  readonly route: FittedRoute;
}

/** Long enough that a run's own cost doesn't count, short enough that what it computes stays in the cache. */
const batchRows = 8192;

/** Runs the program of a part over the columns of a query, and writes what it gives into the matrix. */
export async function fillTensorPart(
  data: Float32Array,
  width: number,
  { start, inputs, route }: TensorPart,
  columns: ReadColumns,
  rows: number,
): Promise<void> {
  const ofTexts = featuresOfTexts(route);
  const texts = columns[inputs[0]?.name ?? ""];
  if (ofTexts && Array.isArray(texts)) {
    for (let first = 0; first < rows; first += batchRows) {
      notebookHost()?.signal.throwIfAborted();
      writeFeatures(data, width, first, start, ofTexts(texts.slice(first, first + batchRows).map(String)));
    }
    return;
  }
  const types = Object.fromEntries(
    inputs.map(({ name, dtype }): [string, InputType] => [name, { dtype, shape: ["rows", 1] }]),
  );
  const program = toOnnx((given) => {
    const traced = inputs.flatMap(({ name, unit }) => {
      const tensor = given[name];
      return tensor ? [{ tensor, ...(unit && { unit }) }] : [];
    });
    return { features: traceRoute(route, traced) };
  }, types);
  await using session = await Session.create(program);
  for (let first = 0; first < rows; first += batchRows) {
    notebookHost()?.signal.throwIfAborted();
    const end = Math.min(first + batchRows, rows);
    const feeds = Object.fromEntries(
      inputs.map(({ name, dtype }) => [name, columnTensor(columns[name], dtype, first, end)]),
    );
    const { features } = await session.run(feeds, { features: null });
    if (features?.dtype !== "float32") throw new InvalidInputError("a transformer gave no numbers");
    const count = (features.data.length / (end - first)) | 0;
    for (let row = first; row < end; row++)
      data.set(features.data.subarray((row - first) * count, (row - first + 1) * count), row * width + start);
  }
}
