/** @file What steps share that multiply features by a matrix: `(x - means) directions / scales`. */
import { tensor } from "../../graph/create.ts";
import { checkWidth, type DenseMatrix } from "../dense-matrix.ts";
import { isSparse } from "../sparse-matrix.ts";
import { sqlNumber } from "../sql.ts";
import type { Matrix, SqlColumn, SqlOutput, TracedColumn } from "../step.ts";
import { asNumbers, row } from "../traced.ts";
import type { Tensor } from "../../graph/tensor.ts";

/** A projection: one direction for each feature that it gives. */
export interface Projection {
  /** What is subtracted from the columns; nothing where absent. */
  readonly means?: readonly number[] | undefined;
  readonly directions: readonly (readonly number[])[];
  /** What each feature is divided by; nothing where absent. */
  readonly scales?: readonly number[] | undefined;
}

/** DuckDB plans longer expressions than it computes; the tensor program takes over from here. */
const mostSqlColumns = 100;
const mostSqlTerms = 2000;

/**
 * The projection of a row as SQL; a missing number makes all features missing. Undefined where there are too many columns
 * for a query.
 */
export function projectSql(
  { means, directions, scales }: Projection,
  columns: readonly SqlColumn[],
): readonly SqlOutput[] | undefined {
  if (columns.length > mostSqlColumns || columns.length * directions.length > mostSqlTerms) return undefined;
  return directions.map((direction, component) => {
    const terms = direction.map((weight, at) => {
      const sql = columns[at]?.sql ?? "NULL";
      const centred = means ? `(${sql} - ${sqlNumber(means[at] ?? 0)})` : sql;
      return `${centred} * ${sqlNumber(weight)}`;
    });
    const sum = sumOf(terms);
    return { type: "number", sql: scales ? `${sum} / ${sqlNumber(scales[component] ?? 1)}` : sum };
  });
}

/** A sum in halves: DuckDB takes deep expressions badly. */
function sumOf(terms: readonly string[]): string {
  if (terms.length <= 2) return `(${terms.join(" + ")})`;
  const middle = terms.length >> 1;
  return `(${sumOf(terms.slice(0, middle))} + ${sumOf(terms.slice(middle))})`;
}

/** The projection as a tensor program, in float64. */
export function projectTensor(
  { means, directions, scales }: Projection,
  columns: readonly TracedColumn[],
): Tensor {
  const numbers = asNumbers(columns);
  const centred = means ? numbers.sub(row(means)) : numbers;
  const width = directions[0]?.length ?? 0;
  const byColumn = Array.from({ length: width }, (_, at) =>
    directions.map((direction) => direction[at] ?? 0),
  );
  const product = centred.matmul(tensor(byColumn, "float64"));
  return scales ? product.div(row(scales)) : product;
}

/** The projection of a matrix's rows. */
export function projectMatrix(
  { means, directions, scales }: Projection,
  matrix: Matrix,
  fitted: readonly string[],
  names: readonly string[],
): DenseMatrix {
  const { rows } = matrix;
  const width = fitted.length;
  const count = directions.length;
  const weights = Float64Array.from(
    directions.flatMap((direction, at) => direction.map((weight) => weight / (scales?.[at] ?? 1))),
  );
  const data = new Float64Array(rows * count);
  if (isSparse(matrix)) {
    for (let r = 0; r < rows; r++) {
      for (let at = matrix.starts[r] ?? 0; at < (matrix.starts[r + 1] ?? 0); at++) {
        const value = matrix.data[at] ?? 0;
        const column = matrix.indexes[at] ?? 0;
        for (let k = 0; k < count; k++)
          data[r * count + k] = (data[r * count + k] ?? 0) + value * (weights[k * width + column] ?? 0);
      }
    }
  } else {
    checkWidth(matrix, fitted);
    const centred = new Float64Array(width);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < width; j++) centred[j] = (matrix.data[r * width + j] ?? 0) - (means?.[j] ?? 0);
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let j = 0; j < width; j++) sum += (centred[j] ?? 0) * (weights[k * width + j] ?? 0);
        data[r * count + k] = sum;
      }
    }
  }
  return { data, rows, columns: names };
}

/** The rows of a matrix of vectors. */
export function rowsOf(vectors: Float64Array, length: number): number[][] {
  return Array.from({ length: vectors.length / length }, (_, at) => [
    ...vectors.subarray(at * length, (at + 1) * length),
  ]);
}
