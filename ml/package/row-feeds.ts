/** @file Rows as the packaged ONNX graph is fed with them, and its outputs as rows. */
import type { TensorArray } from "../graph/dtype.ts";
import { RuntimeError } from "../graph/errors.ts";
import { tensorData, type TensorData } from "../graph/runtime/tensor-data.ts";
import { columnCells, type Cell, type ModelRow } from "./cell-values.ts";
import { rowTensors } from "./row-tensors.ts";
import type { ModelSignature, SignatureInput, SignatureOutput } from "./signature.ts";

/** A vector `[rows]` for each input of the graph. What is missing is NaN among floats and "" among texts. */
export function rowFeeds(signature: ModelSignature, rows: readonly ModelRow[]): Record<string, TensorData> {
  return Object.fromEntries(
    signature.inputs.map((input) => [
      input.name,
      input.shape ? joinedTensor(input, input.shape, rows) : inputTensor(input, columnCells(input, rows)),
    ]),
  );
}

function joinedTensor(
  input: SignatureInput,
  sizes: readonly number[],
  rows: readonly ModelRow[],
): TensorData {
  const { data, shape } = rowTensors(input, sizes, rows);
  return tensorData(input.dtype, data, shape);
}

function inputTensor({ dtype }: SignatureInput, cells: readonly Cell[]): TensorData {
  return tensorData(dtype, inputArray(dtype, cells), [cells.length]);
}

function inputArray(dtype: SignatureInput["dtype"], cells: readonly Cell[]): TensorArray {
  const number = (cell: Cell): number => (cell === undefined ? Number.NaN : Number(cell));
  switch (dtype) {
    case "string":
      return cells.map((cell) => String(cell ?? ""));
    case "float64":
      return Float64Array.from(cells, number);
    case "float32":
      return Float32Array.from(cells, number);
    case "bool":
      return Uint8Array.from(cells, number);
    case "int64":
      return BigInt64Array.from(cells, (cell) => BigInt(cell ?? 0));
    default:
      throw new RuntimeError(`columns aren't of ${dtype}`);
  }
}

/** A value of an output: of a matrix a number for each column, of a tensor its elements in order. */
export type OutputValue = string | number | boolean | Readonly<Record<string, number>> | OutputArray;

/** What a model says of a row, by output. */
export type OutputRow = Readonly<Record<string, OutputValue>>;

/** The values of an output, of a matrix row by row. */
export type OutputArray = readonly (string | number | boolean)[];

/**
 * The values of an output of the graph.
 * @throws {@link RuntimeError} where the graph gave another number of them
 */
export function outputArray(
  output: SignatureOutput,
  tensor: TensorData | undefined,
  rows: number,
): OutputArray {
  const elements: Iterable<string | number | bigint> = tensor?.data ?? [];
  const values = Array.from(elements, (value) => {
    if (typeof value === "string") return value;
    return output.type === "boolean" ? Number(value) === 1 : Number(value);
  });
  const sizes = output.shape ?? [output.columns?.length ?? 1];
  if (sizes.includes(-1)) return values;
  const expected = sizes.reduce((product, size) => product * size, rows);
  if (values.length === expected) return values;
  throw new RuntimeError(
    `the model's output "${output.name}" has ${values.length} values for ${rows} rows: the signature says ${expected}`,
  );
}

/** Outputs as rows. */
export function outputRows(
  { outputs }: ModelSignature,
  arrays: ReadonlyMap<string, OutputArray>,
  rows: number,
): OutputRow[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      outputs.map(({ name, columns, shape }): [string, OutputValue] => {
        const array = arrays.get(name) ?? [];
        const width = array.length / rows;
        if (shape) return [name, array.slice(row * width, (row + 1) * width)];
        if (!columns) return [name, array[row] ?? Number.NaN];
        const first = row * columns.length;
        return [name, Object.fromEntries(columns.map((column, at) => [column, Number(array[first + at])]))];
      }),
    ),
  );
}
