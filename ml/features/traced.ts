/** @file What the tensor programs of steps are made of. */
import { concat } from "../graph/functions/arrange.ts";
import { isNaN as isMissing, where } from "../graph/functions/elementwise.ts";
import { take } from "../graph/functions/indexing.ts";
import { positionAmong } from "../graph/ops/encoding.ts";
import { tensor } from "../graph/create.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Category } from "./sql.ts";
import type { TracedColumn } from "./step.ts";

/** The columns as one float64 tensor of `[rows, columns]`. */
export function asNumbers(columns: readonly TracedColumn[]): Tensor {
  return sideBySide(columns.map(({ tensor: each }) => each.cast("float64")));
}

/** Tensors of one type joined along the columns. */
export function sideBySide(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  return tensors.length === 1 && first ? first : concat(tensors, 1);
}

/** The columns one by one, also those that a step before gave as one tensor. */
export function eachColumn(columns: readonly TracedColumn[]): readonly TracedColumn[] {
  return columns.flatMap((column) => {
    const [, width] = column.tensor.shape as readonly (number | string)[];
    if (width === 1) return [column];
    return Array.from({ length: Number(width) }, (_, at) => ({
      tensor: column.tensor.slice(null, [at, at + 1]),
    }));
  });
}

/** Whether texts are missing: the empty ones. */
export function isEmptyText(texts: Tensor): Tensor {
  return new Tensor(positionAmong(texts.value, [""])).equal(0);
}

/** Zeros of the numbers' shape, also where they are NaN or infinite. */
export function zerosLike(x: Tensor, dtype: "int64" | "float64"): Tensor {
  return x.less(Number.NEGATIVE_INFINITY).cast(dtype);
}

/** A row of float64 constants, `[1, numbers]`, that broadcasts over the rows. */
export function row(numbers: readonly number[]): Tensor {
  return tensor([numbers], "float64");
}

/** The position (int64) of each value among categories; -1 for one that isn't among them. */
export function categoryPosition({ tensor: x }: TracedColumn, categories: readonly Category[]): Tensor {
  if (x.dtype === "string")
    return new Tensor(
      positionAmong(
        x.value,
        categories.map((category) => String(category ?? "")),
      ),
    );
  const missing = categories.indexOf(null);
  const known = categories.filter((category) => typeof category === "number");
  // The missing category, which no tensor of whole numbers holds, is the last.
  if (x.dtype === "int64" || x.dtype === "bool")
    return new Tensor(positionAmong(x.cast("int64").value, known));
  const numbers = x.cast("float64");
  const isEqual = numbers.equal(row(known)).cast("float32");
  // Float32 holds positions up to 2²⁴.
  const position = isEqual
    .mul(tensor([known.map((_, at) => at + 1)]))
    .sum(1, { keepAxes: true })
    .sub(1);
  const found = missing === -1 ? position : where(isMissing(numbers), missing, position);
  return found.cast("int64");
}

/** The number at each position of a list; the one at -1 is `otherwise`. */
export function numberAt(positions: Tensor, numbers: readonly number[], otherwise: number): Tensor {
  const table = tensor([otherwise, ...numbers], "float64");
  return take(table, positions.add(1));
}
