/** @file What steps share that multiply features by a matrix: `(x - means) directions / scales`. */
import { tensor } from "../../graph/create.ts";
import { checkWidth, type DenseMatrix } from "../../dense-matrix.ts";
import { isSparse } from "../../sparse-matrix.ts";
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

/** Whether a stored projection is of a number of columns. */
export function isProjection(
  { columns }: { readonly columns: readonly string[] },
  { means, directions, scales }: Projection,
): boolean {
  return (
    directions.length > 0 &&
    directions.every(({ length }) => length === columns.length) &&
    (means === undefined || means.length === columns.length) &&
    (scales === undefined || scales.length === directions.length)
  );
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
  // Those of one column side by side, as each of its numbers meets them.
  const weights = new Float64Array(width * count);
  for (const [k, direction] of directions.entries()) {
    for (const [column, weight] of direction.entries())
      weights[column * count + k] = weight / (scales?.[k] ?? 1);
  }
  const data = new Float64Array(rows * count);
  const add = (row: number, column: number, value: number): void => {
    const to = row * count;
    const from = column * count;
    for (let k = 0; k < count; k++) data[to + k] = (data[to + k] ?? 0) + value * (weights[from + k] ?? 0);
  };
  if (isSparse(matrix)) {
    for (let row = 0; row < rows; row++) {
      for (let at = matrix.starts[row] ?? 0; at < (matrix.starts[row + 1] ?? 0); at++)
        add(row, matrix.indexes[at] ?? 0, matrix.data[at] ?? 0);
    }
  } else {
    checkWidth(matrix, fitted);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++)
        add(row, column, (matrix.data[row * width + column] ?? 0) - (means?.[column] ?? 0));
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
