/** @file The curvature of a loss over the rows, or over a sample of them: products of columns weighted by each row's. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { Turns } from "../../turns.ts";
import { ColumnProducts } from "../column-products.ts";
import type { MarginLoss } from "../losses/margin-loss.ts";
import { blockRowsOf, RowPass } from "../row-blocks.ts";

/** The fewest rows of a sample: so many, and so many for each column. */
const fewestRows = 4000;
const rowsForColumn = 20;

/** Looks at a loss's curvature. */
export class Curvature {
  /** Of so many blocks of rows one is looked at: 1 is exact. */
  readonly step: number;
  /** What columns are seen from: near their means, where the products have most digits. */
  readonly shift: Float64Array;
  readonly #matrix: DenseMatrix;
  readonly #loss: MarginLoss;
  readonly #scale: number;
  readonly #turns: Turns;
  #products: ColumnProducts | undefined;

  /**
   * @param scale what the sum of losses is multiplied by
   * @param isShifted whether columns may be seen from elsewhere than 0
   */
  constructor(matrix: DenseMatrix, loss: MarginLoss, scale: number, isShifted: boolean, turns: Turns) {
    const { rows, columns } = matrix;
    const sample = Math.max(fewestRows, rowsForColumn * columns.length, rows / 10);
    this.step = Math.max(1, Math.floor(rows / sample));
    this.shift = isShifted ? roughMeans(matrix) : new Float64Array(columns.length);
    this.#matrix = matrix;
    this.#loss = loss;
    this.#scale = scale;
    this.#turns = turns;
  }

  /**
   * The second derivatives by the coefficients of pairs of outputs, each a matrix of `columns + 1` rows, the intercept's
   * behind the columns'.
   * @param pass holds the coefficients at which to look
   */
  async at(pass: RowPass, pairs: readonly (readonly [number, number])[]): Promise<Float64Array[]> {
    const blockRows = blockRowsOf(this.#matrix.columns.length, this.#matrix.rows);
    const blocks = Math.ceil(Math.ceil(this.#matrix.rows / blockRows) / this.step);
    const byPair = pairs.map(() => new Float64Array(blocks * blockRows));
    let place = 0;
    await pass.read(
      this.#turns,
      (block) => {
        for (const [index, [output, other]] of pairs.entries()) {
          const into = byPair[index]?.subarray(place, place + blockRows);
          if (into) this.#loss.curvature(block, output, other, into);
        }
        place += blockRows;
      },
      this.step,
    );
    const matrices: Float64Array[] = [];
    for (const rows of byPair) matrices.push(await this.#productsOf(rows, blockRows));
    return matrices;
  }

  async #productsOf(rows: Float64Array, blockRows: number): Promise<Float64Array> {
    this.#products ??= new ColumnProducts(this.#matrix, this.shift);
    let seen = 0;
    let place = 0;
    const products = await this.#products.gather(
      this.#turns,
      (_first, count, into) => {
        into.set(rows.subarray(place, place + count));
        place += blockRows;
        seen += count;
      },
      this.step,
    );
    const share = (this.#scale * this.#matrix.rows) / seen;
    return products.map((value) => value * share);
  }
}

/** The means of the first rows. */
function roughMeans({ data, rows, columns }: DenseMatrix): Float64Array {
  const width = columns.length;
  const count = Math.min(rows, 1000);
  const means = new Float64Array(width);
  for (let row = 0; row < count; row++)
    for (let at = 0; at < width; at++)
      means[at] = (means[at] ?? 0) + (data[row * width + at] ?? 0) / count;
  return means;
}

/** Gradients, or what is multiplied by curvatures, as seen from the shift: one output's part, in place. */
export function toShifted(part: Float64Array, shift: Float64Array): void {
  const total = part[shift.length] ?? 0;
  for (let j = 0; j < shift.length; j++) part[j] = (part[j] ?? 0) - (shift[j] ?? 0) * total;
}

/** Coefficients, or steps of them, as seen from 0 again: one output's part, in place. */
export function fromShifted(part: Float64Array, shift: Float64Array): void {
  let offset = 0;
  for (let j = 0; j < shift.length; j++) offset += (shift[j] ?? 0) * (part[j] ?? 0);
  part[shift.length] = (part[shift.length] ?? 0) - offset;
}
