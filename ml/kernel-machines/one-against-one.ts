/**
 * @file A machine for each pair of classes, as libsvm's, and what their decisions make of a row.
 *
 * Pairs are in the order (0, 1), (0, 2), …, (1, 2), …; a decision above 0 is for the first class of its pair.
 */
import * as v from "valibot";
import { arraySchema } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import { fromData } from "../graph/create.ts";
import type { Tensor } from "../graph/tensor.ts";
import { finiteNumbers } from "../model-json.ts";
import type { Turns } from "../turns.ts";
import { KernelCache } from "./kernel-cache.ts";
import { KernelRows, mostCompared, traceKernel, type Kernel } from "./kernel-function.ts";
import { rowsAt } from "./machine-rows.ts";
import { solveDual } from "./smo.ts";

/** What is wrong where numbers have left the range of doubles. */
export const overflow =
  "the kernel's numbers are too large: scale the columns, or take a smaller gamma or degree";

const doubles = finiteNumbers(arraySchema("float64"));

/** The machines of all pairs over the same support vectors. */
export interface PairMachines {
  /** One after the other. */
  readonly supportVectors: Float64Array;
  /** Pairs by support vectors: what each adds to each decision. */
  readonly coefficients: Float64Array;
  /** What each pair's decision has besides. */
  readonly intercepts: Float64Array;
}

/** The schema of {@link PairMachines} in JSON. */
export const machinesSchema = v.object({
  supportVectors: doubles,
  coefficients: doubles,
  intercepts: doubles,
});

/** Rows of classes, each with the most that its variable may be; rows of 0 are left out. */
export interface MachineRows {
  readonly matrix: DenseMatrix;
  readonly codes: Int32Array;
  readonly classes: number;
  readonly limits: Float64Array;
}

/** The pairs of so many classes. */
export function pairsOf(classes: number): readonly (readonly [first: number, second: number])[] {
  const all = Array.from({ length: classes }, (_, at) => at);
  return all.flatMap((first) => all.slice(first + 1).map((second) => [first, second] as const));
}

/** Trains the machine of each pair of classes; also tells the rows that are support vectors, class by class. */
export async function trainPairs(
  { matrix, codes, classes, limits }: MachineRows,
  kernel: Kernel,
  tol: number,
  turns: Turns,
): Promise<PairMachines & { readonly support: Int32Array }> {
  const members = Array.from({ length: classes }, (_, code) =>
    Array.from(codes.keys()).filter((row) => codes[row] === code && (limits[row] ?? 0) > 0),
  );
  const pairs = pairsOf(classes);
  const solutions: { readonly rows: readonly number[]; readonly weights: Float64Array }[] = [];
  const intercepts = new Float64Array(pairs.length);
  const isSupport = new Uint8Array(matrix.rows);
  for (const [at, [first, second]] of pairs.entries()) {
    const rows = [...(members[first] ?? []), ...(members[second] ?? [])];
    const numbers = rowsAt(matrix, rows);
    const signs = Float64Array.from(rows, (row) => (codes[row] === first ? 1 : -1));
    const cache = new KernelCache(new KernelRows(kernel, numbers, matrix.columns.length), numbers);
    const linear = new Float64Array(rows.length).fill(-1);
    const bounds = Float64Array.from(rows, (row) => limits[row] ?? 0);
    const problem = { cache, rows: rows.length, signs, linear, limits: bounds, tol };
    const { alphas, rho } = await solveDual(problem, turns);
    if (!Number.isFinite(rho)) throw new InvalidInputError(overflow);
    intercepts[at] = -rho;
    for (const [place, row] of rows.entries()) if ((alphas[place] ?? 0) > 0) isSupport[row] = 1;
    solutions.push({ rows, weights: alphas.map((alpha, place) => alpha * (signs[place] ?? 0)) });
  }
  const support = Int32Array.from(members.flat().filter((row) => isSupport[row] === 1));
  const places = new Map(Array.from(support, (row, place) => [row, place]));
  const coefficients = new Float64Array(pairs.length * support.length);
  for (const [at, { rows, weights }] of solutions.entries())
    for (const [index, row] of rows.entries()) {
      const place = places.get(row);
      if (place !== undefined) coefficients[at * support.length + place] = weights[index] ?? 0;
    }
  return { supportVectors: rowsAt(matrix, support), coefficients, intercepts, support };
}

/** The decision of each pair at each row, row-major: rows by pairs. */
export async function pairDecisions(
  { supportVectors, coefficients, intercepts }: PairMachines,
  kernel: Kernel,
  { data, rows, columns }: DenseMatrix,
  turns: Turns,
): Promise<Float64Array> {
  const kernels = new KernelRows(kernel, supportVectors, columns.length);
  const pairs = intercepts.length;
  const { count } = kernels;
  const values = new Float64Array(mostCompared * count);
  const decisions = new Float64Array(rows * pairs);
  for (let first = 0; first < rows; first += mostCompared) {
    const taken = Math.min(mostCompared, rows - first);
    kernels.compare(data, first, taken, values);
    for (let at = 0; at < taken; at++)
      for (let pair = 0; pair < pairs; pair++) {
        let sum = intercepts[pair] ?? 0;
        for (let vector = 0; vector < count; vector++)
          sum += (coefficients[pair * count + vector] ?? 0) * (values[at * count + vector] ?? 0);
        decisions[(first + at) * pairs + pair] = sum;
      }
    if (turns.due) await turns.give();
  }
  return decisions;
}

/** A batch of a program in doubles. */
export type Doubles = Tensor<readonly ["rows", number], "float64">;

/** The decisions as a tensor program: `[rows, pairs]`. */
export function tracePairs(
  { supportVectors, coefficients, intercepts }: PairMachines,
  kernel: Kernel,
  features: Doubles,
  width: number,
): Doubles {
  const pairs = intercepts.length;
  const constant = fromData("float64", intercepts, [1, pairs]);
  const count = supportVectors.length / width;
  // Without support vectors every decision is its intercept.
  if (count === 0) return features.sum(1, { keepAxes: true }).mul(0).add(constant);
  const weights = fromData("float64", coefficients, [pairs, count]).transpose();
  return traceKernel(kernel, features, supportVectors, width).matmul(weights).add(constant);
}
