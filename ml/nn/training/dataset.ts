/**
 * @file What models are trained on: columns with one row for each example, kept in the runtime's thread, or batches that
 * come one after another.
 */
import { evaluate } from "../../graph/evaluate.ts";
import { elementCount, knownSizes, showShape, type Shape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { Columns } from "../../graph/runtime/training-protocol.ts";
import { leaves, mapTree, type Tree } from "../../graph/trees.ts";
import { input } from "../../graph/value.ts";
import { InvalidInputError } from "../../errors.ts";

/** A shape whose first size, the number of rows, differs from batch to batch. */
export type RowsOf<S extends Shape> = S extends readonly [unknown, ...infer Rest extends Shape]
  ? readonly [number, ...Rest]
  : S;

/** A tree of columns as a batch of their rows. */
export type BatchOf<T extends Tree> =
  T extends Tensor<infer S, infer D>
    ? Tensor<RowsOf<S>, D>
    : { readonly [Name in keyof T]: T[Name] extends Tree ? BatchOf<T[Name]> : never };

/** Examples: a tree of tensors whose first axes are the same rows. */
export class Dataset<T extends Tree> {
  /** How many examples there are. */
  readonly rows: number;
  readonly #tree: T;

  /** @internal Use {@link dataset}. */
  constructor(tree: T) {
    const [first, ...others] = leaves(tree);
    if (!first) throw new InvalidInputError("a dataset needs at least one tensor");
    const rows = rowsOf(first);
    for (const other of others) {
      if (rowsOf(other) !== rows)
        throw new InvalidInputError(
          `"${first[0]}" has ${rows} rows and "${other[0]}" has ${rowsOf(other)}: they must be equal`,
        );
    }
    if (rows === 0) throw new InvalidInputError("there are no rows");
    const text = [first, ...others].find(([, { value }]) => value.dtype === "string");
    if (text)
      throw new InvalidInputError(`"${text[0]}" holds text, which no network takes: encode it as numbers`);
    this.rows = rows;
    this.#tree = tree;
  }

  /** Tensors that stand for a batch of so many rows in a program: a {@link BatchOf} the tree. */
  batch(size: number): Tree {
    return mapTree<Tree>(this.#tree, ({ value }, path) => {
      const [, ...rest] = value.shape;
      return new Tensor(input(batchInput(path), value.dtype, [size, ...rest]));
    });
  }

  /** The columns by the names of a program's inputs. Throws {@link InvalidInputError} where an array has lost its elements. */
  async columns(): Promise<Columns> {
    const found = leaves(this.#tree);
    const data = await evaluate(found.map(([, { value }]) => value));
    return Object.fromEntries(
      found.map(([path], index) => {
        const column = data[index];
        if (!column || column.dtype === "string") throw new InvalidInputError(`"${path}" was not computed`);
        const expected = elementCount(column.shape);
        if (column.data.length !== expected)
          throw new InvalidInputError(
            `the array of "${path}" has changed since the tensor was made: it has ${column.data.length} elements in place of ${expected}`,
          );
        return [batchInput(path), column];
      }),
    );
  }

  /** These rows, in this order, as another dataset. */
  async take(rows: ArrayLike<number>): Promise<Dataset<T>> {
    const found = leaves(this.#tree);
    const data = await evaluate(found.map(([, { value }]) => value));
    let index = 0;
    const taken = mapTree(this.#tree, ({ value }) => {
      const column = data[index++];
      if (!column || column.dtype === "string") throw new InvalidInputError("a column was not computed");
      return new Tensor({
        dtype: value.dtype,
        shape: [rows.length, ...value.shape.slice(1)],
        source: { kind: "data", data: takeRows(column.data, this.rows, rows) },
      });
    });
    return new Dataset(taken);
  }
}

/** The name of the program's input for a column. */
export const batchInput = (path: string): string => `${batchPrefix}${path}`;

/** The path of the column that an input stands for; undefined where it stands for a parameter. */
export const columnOfInput = (name: string): string | undefined =>
  name.startsWith(batchPrefix) ? name.slice(batchPrefix.length) : undefined;

const batchPrefix = "batch ";

/**
 * Examples to train on or to measure with: a tensor, or arrays and objects of tensors, whose first axes are the rows.
 * @throws {@link InvalidInputError} where the numbers of rows differ or are 0
 * @example dataset({ image: fromData("uint8", pixels, [60000, 28, 28]), digit: fromData("int64", digits, [60000]) })
 */
export function dataset<const T extends Tree>(tree: T): Dataset<T> {
  return new Dataset(tree);
}

function rowsOf([path, { value }]: readonly [string, Tensor]): number {
  const [rows] = knownSizes(value.shape) ?? [];
  if (rows === undefined)
    throw new InvalidInputError(`"${path}" of shape ${showShape(value.shape)} has no rows of a known number`);
  return rows;
}

function takeRows(
  data: Columns[string]["data"],
  count: number,
  rows: ArrayLike<number>,
): Columns[string]["data"] {
  const width = data.length / count;
  // SAFETY: every typed array copies ranges of its own class.
  const source = data as Float32Array;
  const target = source.slice(0, 0).constructor as Float32ArrayConstructor;
  const taken = new target(rows.length * width);
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw new InvalidInputError(`there is no row ${row} among ${count}`);
    taken.set(source.subarray(row * width, (row + 1) * width), place * width);
  }
  return taken;
}
