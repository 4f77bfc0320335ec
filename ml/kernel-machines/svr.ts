/** @file Support vector regression with kernels. */
import * as v from "valibot";
import { arrayJson } from "../array-json.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type {
  FeatureTensor,
  FittedModelJson,
  RegressionModel,
  RegressionTensors,
  Regressor,
} from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { modelParts } from "../model-json.ts";
import { checkNewRows } from "../new-rows.ts";
import { rowWeights } from "../row-weights.ts";
import { requireNotNegative, requirePositive } from "../settings.ts";
import { targetNumbers } from "../target.ts";
import { Turns } from "../turns.ts";
import { KernelCache } from "./kernel-cache.ts";
import {
  kernelFor,
  KernelRows,
  kernelSchema,
  kernelSettings,
  type Kernel,
  type KernelSettings,
} from "./kernel-function.ts";
import { rowsAt } from "./machine-rows.ts";
import { machinesSchema, overflow, pairDecisions, tracePairs, type PairMachines } from "./one-against-one.ts";
import { solveDual } from "./smo.ts";

/** The name in the estimator and in the JSON. */
export const svrKind = "svr";

/** How {@link svr} learns. */
export interface SvrSettings extends KernelSettings {
  /** What a miss costs; 1. */
  readonly c: number;
  /** Misses up to this cost nothing; 0.1. */
  readonly epsilon: number;
  /** By how much the optimality conditions may be missed; 1e-3. */
  readonly tol: number;
}

/**
 * Support vector regression with kernels, as scikit-learn's `SVR`. Scale the columns before.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function svr(settings: Partial<SvrSettings> = {}): Regressor<SvrSettings, SvrModel> {
  const { c = 1, epsilon = 0.1, tol = 1e-3 } = settings;
  requirePositive("c", c);
  requireNotNegative("epsilon", epsilon);
  requirePositive("tol", tol);
  const checked = { ...kernelSettings(settings), c, epsilon, tol };
  return observedEstimator({
    kind: svrKind,
    task: "regression",
    settings: checked,
    with: (changes) => svr({ ...checked, ...changes }),
    fit: async (matrix, target, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      checkMatrix(matrix);
      const numbers = targetNumbers(target, matrix.rows);
      const given = rowWeights(weights, matrix.rows);
      const kernel = kernelFor(checked, matrix);
      const machine = await train(matrix, numbers, given, kernel, checked, turns);
      return new SvrModel([...matrix.columns], machine, kernel);
    },
  });
}

/** Two variables for each row with weight: one draws the function up, one down. */
async function train(
  matrix: DenseMatrix,
  target: Float64Array,
  weights: Float64Array | undefined,
  kernel: Kernel,
  { c, epsilon, tol }: SvrSettings,
  turns: Turns,
): Promise<PairMachines> {
  const places = Array.from(target.keys()).filter((row) => !weights || (weights[row] ?? 0) > 0);
  const count = places.length;
  const rows = rowsAt(matrix, places);
  const signs = new Float64Array(2 * count).fill(1, 0, count).fill(-1, count);
  const linear = new Float64Array(2 * count);
  const limits = new Float64Array(2 * count);
  for (const [at, row] of places.entries()) {
    const value = target[row] ?? 0;
    linear[at] = epsilon - value;
    linear[count + at] = epsilon + value;
    limits[at] = c * (weights ? (weights[row] ?? 0) : 1);
    limits[count + at] = limits[at] ?? 0;
  }
  const cache = new KernelCache(new KernelRows(kernel, rows, matrix.columns.length), rows);
  const { alphas, rho } = await solveDual({ cache, rows: count, signs, linear, limits, tol }, turns);
  if (!Number.isFinite(rho)) throw new InvalidInputError(overflow);
  const all = Float64Array.from(places, (_, at) => (alphas[at] ?? 0) - (alphas[count + at] ?? 0));
  const support = places.filter((_, at) => all[at] !== 0);
  return {
    supportVectors: rowsAt(matrix, support),
    coefficients: all.filter((weight) => weight !== 0),
    intercepts: Float64Array.of(-rho),
  };
}

/** The schema of the model's JSON. */
export const svrSchema = v.object({
  ...modelParts,
  ...machinesSchema.entries,
  kind: v.literal(svrKind),
  kernel: kernelSchema,
});

/** A fitted support vector machine that predicts numbers. */
export class SvrModel implements RegressionModel {
  readonly task = "regression";
  readonly kind = svrKind;
  readonly featureNames: readonly string[];
  /** How many of the fitted rows decide. */
  readonly supportVectors: number;
  readonly #machine: PairMachines;
  readonly #kernel: Kernel;

  /**
   * @internal Use a `fit`, or `loadKernelMachine`.
   * @throws {@link InvalidInputError} where the numbers are not of the columns
   */
  constructor(featureNames: readonly string[], machine: PairMachines, kernel: Kernel) {
    this.featureNames = featureNames;
    this.supportVectors = machine.coefficients.length;
    this.#machine = machine;
    this.#kernel = kernel;
    if (
      machine.supportVectors.length !== machine.coefficients.length * featureNames.length ||
      machine.intercepts.length !== 1
    )
      throw new InvalidInputError(`this is no ${svrKind}: its numbers are not of its columns`);
  }

  /** @throws {@link InvalidInputError} for other columns than were fitted and numbers that aren't finite */
  async predict(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    return await pairDecisions(this.#machine, this.#kernel, rows, new Turns());
  }

  trace(features: FeatureTensor): RegressionTensors {
    const width = this.featureNames.length;
    const decisions = tracePairs(this.#machine, this.#kernel, features.cast("float64"), width);
    return { prediction: decisions.cast("float32").slice(null, 0).unsqueeze(-1) };
  }

  toJSON(): FittedModelJson {
    const { supportVectors, coefficients, intercepts } = this.#machine;
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      kernel: this.#kernel,
      supportVectors: arrayJson("float64", supportVectors),
      coefficients: arrayJson("float64", coefficients),
      intercepts: arrayJson("float64", intercepts),
    };
  }
}
