/** @file The densities of a mixture's normal distributions. */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostRows, PackedRows } from "../distances/packed-rows.ts";
import { InvalidInputError } from "../errors.ts";
import { fromData } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import type { Tensor } from "../graph/tensor.ts";
import { choleskyTriangle, invertTriangle } from "./triangles.ts";

/** What covariances may be. */
export const covarianceTypes = ["full", "tied", "diag", "spherical"] as const;

/** Each component's own covariances, the same ones for all, variances of columns only, or one variance for all columns. */
export type CovarianceType = (typeof covarianceTypes)[number];

/** A mixture's distributions. Arrays hold the components one after the other. */
export interface Mixture {
  readonly covarianceType: CovarianceType;
  /** The share of each component. */
  readonly weights: Float64Array;
  /** Components by columns. */
  readonly means: Float64Array;
  /** Of "full" a square matrix for each component, of "tied" one, of "diag" components by columns, of "spherical" one number each. */
  readonly covariances: Float64Array;
}

/** How many covariances there are. */
export function covarianceCount(type: CovarianceType, components: number, width: number): number {
  const counts = {
    full: components * width * width,
    tied: width * width,
    diag: components * width,
    spherical: components,
  };
  return counts[type];
}

/** Densities of a mixture, ready for many rows. */
export class MixtureDensities {
  readonly #mixture: Mixture;
  readonly #width: number;
  readonly #components: number;
  /** What each component's logarithm begins with, its share's logarithm among it. */
  readonly #offsets: Float64Array;
  /** What turns differences from the mean into standard normal numbers: a triangle, or a factor for each column. */
  readonly #factors: readonly Float64Array[];
  /** The triangles' rows, packed for the kernels; absent where factors are of columns. */
  readonly #triangles: PackedRows | undefined;
  /** How many packed rows each triangle has: those of its own, and others up to a multiple of four. */
  readonly #packedRows: number;

  /** @throws {@link InvalidInputError} where a component's covariances are not positive definite */
  constructor(mixture: Mixture) {
    const { weights, means } = mixture;
    this.#mixture = mixture;
    this.#components = weights.length;
    this.#width = means.length / weights.length;
    this.#factors = factorsOf(mixture, this.#width);
    this.#packedRows = Math.ceil(this.#width / 4) * 4;
    this.#triangles = this.#isTriangle ? this.#packed() : undefined;
    const step = this.#isTriangle ? this.#width + 1 : 1;
    this.#offsets = weights.map((weight, component) => {
      const factors = this.#factors[component] ?? weights;
      let sum = Math.log(weight) - (this.#width / 2) * Math.log(2 * Math.PI);
      for (let at = 0; at < factors.length; at += step) sum += Math.log(factors[at] ?? 1);
      return sum;
    });
  }

  get #isTriangle(): boolean {
    const { covarianceType } = this.#mixture;
    return covarianceType === "full" || covarianceType === "tied";
  }

  /**
   * Writes the logarithm of each component's share times its density at rows `from` to `to`, at most `mostQueries` of them:
   * `components` for each row, to `out` from its start on.
   */
  logarithms(matrix: DenseMatrix, from: number, to: number, out: Float64Array): void {
    for (let component = 0; component < this.#components; component++) {
      if (this.#triangles) this.#byTriangle(this.#triangles, matrix, from, to, component, out);
      else this.#byColumn(matrix, from, to, component, out);
    }
  }

  #packed(): PackedRows {
    const rows = new PackedRows(this.#components * this.#packedRows, this.#width);
    for (const [component, triangle] of this.#factors.entries())
      rows.pack(triangle, component * this.#packedRows);
    return rows;
  }

  #byTriangle(
    triangles: PackedRows,
    { data }: DenseMatrix,
    from: number,
    to: number,
    component: number,
    out: Float64Array,
  ): void {
    const width = this.#width;
    const { queries, results } = triangles;
    const mean = this.#mixture.means.subarray(component * width, (component + 1) * width);
    for (let at = 0, value = from * width; value < to * width;)
      for (let column = 0; column < width; column++, at++, value++)
        queries[at] = (data[value] ?? 0) - (mean[column] ?? 0);
    const sums = new Float64Array(to - from);
    const first = component * this.#packedRows;
    for (let start = 0; start < width; start += mostRows) {
      const end = Math.min(width, start + mostRows);
      triangles.compute("products", to - from, first + start, first + end);
      for (let row = 0; row < sums.length; row++) {
        let sum = sums[row] ?? 0;
        for (let at = row * mostRows; at < row * mostRows + end - start; at++) sum += (results[at] ?? 0) ** 2;
        sums[row] = sum;
      }
    }
    for (let row = 0; row < sums.length; row++)
      out[row * this.#components + component] = (this.#offsets[component] ?? 0) - (sums[row] ?? 0) / 2;
  }

  #byColumn({ data }: DenseMatrix, from: number, to: number, component: number, out: Float64Array): void {
    const width = this.#width;
    const { means } = this.#mixture;
    const factors = this.#factors[component] ?? means;
    for (let row = from; row < to; row++) {
      let sum = 0;
      for (let column = 0; column < width; column++) {
        const difference = (data[row * width + column] ?? 0) - (means[component * width + column] ?? 0);
        sum += ((factors[column] ?? 0) * difference) ** 2;
      }
      out[(row - from) * this.#components + component] = (this.#offsets[component] ?? 0) - sum / 2;
    }
  }

  /** The same as a tensor program: `[rows, components]`. */
  trace(
    features: Tensor<readonly ["rows", number], "float64">,
  ): Tensor<readonly ["rows", number], "float64"> {
    const width = this.#width;
    const { means } = this.#mixture;
    const sums = this.#factors.map((factors, component) => {
      const mean = fromData("float64", means.slice(component * width, (component + 1) * width), [1, width]);
      const difference = features.sub(mean);
      const scores = this.#isTriangle
        ? difference.matmul(fromData("float64", factors, [width, width]).transpose())
        : difference.mul(fromData("float64", factors, [1, width]));
      return scores.square().sum(1, { keepAxes: true });
    });
    return fromData("float64", this.#offsets, [1, this.#components]).sub(concat(sums, 1).div(2));
  }
}

function factorsOf({ covarianceType, weights, covariances }: Mixture, width: number): Float64Array[] {
  const components = Array.from(weights.keys());
  const triangle = (part: Float64Array, component: number): Float64Array => {
    const found = choleskyTriangle(part, width);
    if (found) return invertTriangle(found, width);
    throw new InvalidInputError(
      `the covariances of component ${component} are not positive definite: take fewer components, or raise regCovar`,
    );
  };
  const size = width * width;
  switch (covarianceType) {
    case "full":
      return components.map((component) =>
        triangle(covariances.subarray(component * size, (component + 1) * size), component),
      );
    case "tied": {
      const shared = triangle(covariances, 0);
      return components.map(() => shared);
    }
    default: {
      const bad = covariances.findIndex((variance) => !(variance > 0));
      if (bad >= 0)
        throw new InvalidInputError(
          `a variance is ${covariances[bad]}: take fewer components, or raise regCovar`,
        );
      const each = covarianceType === "diag" ? width : 1;
      return components.map((component) =>
        Float64Array.from(
          { length: width },
          (_, column) => 1 / Math.sqrt(covariances[component * each + (column % each)] ?? 1),
        ),
      );
    }
  }
}
