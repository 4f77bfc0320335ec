/** @file Kernels: how alike two rows are, which is a product of both in some space. */
import * as v from "valibot";
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries, mostRows, PackedRows } from "../distances/packed-rows.ts";
import { InvalidInputError } from "../errors.ts";
import { fromData } from "../graph/create.ts";
import type { Tensor } from "../graph/tensor.ts";
import { requireIndex, requirePositive } from "../settings.ts";

const kernels = ["linear", "poly", "rbf", "sigmoid"] as const;

/** How rows are compared. */
export interface KernelSettings {
  /** `x·y`, `(γ x·y + coef0)^degree`, `exp(-γ |x - y|²)` or `tanh(γ x·y + coef0)`; "rbf". */
  readonly kernel: (typeof kernels)[number];
  /** γ: "scale" is one over the number of columns times the variance of all numbers, "auto" one over the number of columns; "scale". */
  readonly gamma: "scale" | "auto" | number;
  /** The power of "poly"; 3. */
  readonly degree: number;
  /** What "poly" and "sigmoid" add; 0. */
  readonly coef0: number;
}

/** The settings with their defaults. Throws {@link InvalidInputError} for what they can't be. */
export function kernelSettings({
  kernel = "rbf",
  gamma = "scale",
  degree = 3,
  coef0 = 0,
}: Partial<KernelSettings>): KernelSettings {
  if (!kernels.includes(kernel))
    throw new InvalidInputError(`kernel must be one of ${kernels.join(", ")}, not ${kernel}`);
  if (typeof gamma === "number") requirePositive("gamma", gamma);
  else if (!["scale", "auto"].includes(gamma))
    throw new InvalidInputError(`gamma must be scale, auto or a number above 0, not ${gamma}`);
  requireIndex("degree", degree);
  if (!Number.isFinite(coef0)) throw new InvalidInputError(`coef0 must be a finite number, not ${coef0}`);
  return { kernel, gamma, degree, coef0 };
}

/** A kernel whose γ is a number. */
export type Kernel = v.InferOutput<typeof kernelSchema>;

/** The schema of a kernel in JSON. */
export const kernelSchema = v.object({
  kernel: v.picklist(kernels),
  gamma: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  degree: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  coef0: v.pipe(v.number(), v.finite()),
});

/** The kernel for rows. */
export function kernelFor(settings: KernelSettings, { data, columns }: DenseMatrix): Kernel {
  const { kernel, degree, coef0 } = settings;
  return { kernel, degree, coef0, gamma: gammaOf(settings.gamma, data, columns.length) };
}

function gammaOf(gamma: KernelSettings["gamma"], data: DenseMatrix["data"], width: number): number {
  if (typeof gamma === "number") return gamma;
  if (gamma === "auto") return 1 / width;
  let mean = 0;
  for (let at = 0; at < data.length; at++) mean += (data[at] ?? 0) / data.length;
  let variance = 0;
  for (let at = 0; at < data.length; at++) variance += ((data[at] ?? 0) - mean) ** 2 / data.length;
  return variance > 0 ? 1 / (width * variance) : 1;
}

/** Rows that others are compared with. */
export class KernelRows {
  readonly kernel: Kernel;
  readonly count: number;
  readonly #packed: PackedRows;

  /** @throws {@link InvalidInputError} for more than 4 GiB of rows */
  constructor(kernel: Kernel, rows: Float64Array, width: number) {
    this.kernel = kernel;
    this.count = rows.length / width;
    this.#packed = new PackedRows(this.count, width);
    this.#packed.pack(rows);
  }

  /**
   * Writes the kernel of each of `taken` queries, at most 64, and each row: `count` numbers for each query. The queries
   * begin at row `first` of `queries`.
   */
  compare(queries: Float32Array | Float64Array, first: number, taken: number, out: Float64Array): void {
    const packed = this.#packed;
    const { width, results } = packed;
    packed.queries.set(queries.subarray(first * width, (first + taken) * width));
    const pair = this.kernel.kernel === "rbf" ? "squaredDistances" : "products";
    for (let from = 0; from < this.count; from += mostRows) {
      const to = Math.min(this.count, from + mostRows);
      packed.compute(pair, taken, from, to);
      for (let query = 0; query < taken; query++)
        this.#apply(results, query * mostRows, out, query * this.count + from, to - from);
    }
  }

  #apply(results: Float64Array, start: number, out: Float64Array, to: number, length: number): void {
    const { kernel, gamma, coef0, degree } = this.kernel;
    switch (kernel) {
      case "linear":
        for (let at = 0; at < length; at++) out[to + at] = results[start + at] ?? 0;
        return;
      case "rbf":
        for (let at = 0; at < length; at++) out[to + at] = Math.exp(-gamma * (results[start + at] ?? 0));
        return;
      case "poly":
        for (let at = 0; at < length; at++)
          out[to + at] = (gamma * (results[start + at] ?? 0) + coef0) ** degree;
        return;
      case "sigmoid":
        for (let at = 0; at < length; at++)
          out[to + at] = Math.tanh(gamma * (results[start + at] ?? 0) + coef0);
    }
  }
}

/** The most queries that {@link KernelRows.compare} takes. */
export const mostCompared = mostQueries;

type Doubles = Tensor<readonly ["rows", number], "float64">;

/** The kernel of a batch and rows as a tensor program: `[rows, count]`. */
export function traceKernel(
  { kernel, gamma, coef0, degree }: Kernel,
  features: Doubles,
  rows: Float64Array,
  width: number,
): Doubles {
  const count = rows.length / width;
  const products = features.matmul(fromData("float64", rows, [count, width]).transpose());
  if (kernel === "linear") return products;
  if (kernel === "poly") return products.mul(gamma).add(coef0).pow(degree);
  if (kernel === "sigmoid") return products.mul(gamma).add(coef0).tanh();
  const squares = Float64Array.from({ length: count }, (_, row) =>
    rows.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value * value, 0),
  );
  return features
    .square()
    .sum(1, { keepAxes: true })
    .sub(products.mul(2))
    .add(fromData("float64", squares, [1, count]))
    .relu()
    .mul(-gamma)
    .exp();
}
