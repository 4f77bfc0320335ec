import { modelClasses } from "../class-labels.ts";
import { checkMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { Classifier } from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { fitSigmoid, type Sigmoid } from "../platt-sigmoid.ts";
import { matrixRows } from "../row-selection.ts";
import { rowWeights } from "../row-weights.ts";
import { requirePositive } from "../settings.ts";
import { stratifiedFolds } from "../stratified-folds.ts";
import { Turns } from "../turns.ts";
import { classDecisions } from "./class-decisions.ts";
import { kernelFor, kernelSettings, type KernelSettings } from "./kernel-function.ts";
import { pairDecisions, trainPairs, type MachineRows } from "./one-against-one.ts";

import { SvcModel, svcKind } from "./svc-model.ts";

const folds = 5;

/** How {@link svc} learns. */
export interface SvcSettings extends KernelSettings {
  /** What a row on the wrong side costs; 1. */
  readonly c: number;
  /** By how much the optimality conditions may be missed; 1e-3. */
  readonly tol: number;
  /** Whether probabilities are fitted, which takes five fits more; true. Without, the winner's is 1 and all others' 0. */
  readonly probability: boolean;
}

/**
 * Support vector classification with kernels, as scikit-learn's `SVC`; of more than two classes a machine for each pair.
 * The probabilities are those of scikit-learn's `CalibratedClassifierCV(SVC(), ensemble=False)`: a logistic function of
 * decisions about rows that the machine wasn't fitted on, in five folds. Scale the columns before.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function svc(settings: Partial<SvcSettings> = {}): Classifier<SvcSettings, SvcModel> {
  const { c = 1, tol = 1e-3, probability = true } = settings;
  requirePositive("c", c);
  requirePositive("tol", tol);
  const checked = { ...kernelSettings(settings), c, tol, probability };
  return observedEstimator({
    kind: svcKind,
    task: "classification",
    settings: checked,
    with: (changes) => svc({ ...checked, ...changes }),
    fit: async (matrix, target, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      checkMatrix(matrix);
      const { classes, codes, counts } = modelClasses(target, matrix.rows);
      const given = rowWeights(weights, matrix.rows);
      const limits = given?.map((weight) => c * weight) ?? new Float64Array(matrix.rows).fill(c);
      for (const [code, label] of classes.entries())
        if (!codes.some((each, row) => each === code && (limits[row] ?? 0) > 0))
          throw new InvalidInputError(`${svcKind}: all rows of the class ${String(label)} have weight 0`);
      const rows = { matrix, codes, classes: classes.length, limits };
      if (probability) requireFoldsOf(counts);
      const sigmoids = probability ? await calibrate(rows, counts, given, checked, turns) : [];
      const kernel = kernelFor(checked, matrix);
      const machines = await trainPairs(rows, kernel, tol, turns);
      return new SvcModel([...matrix.columns], classes, { machines, kernel, sigmoids });
    },
  });
}

function requireFoldsOf(counts: Int32Array): void {
  const few = counts.findIndex((count) => count < folds);
  if (few >= 0)
    throw new InvalidInputError(
      `probabilities need ${folds} rows of each class, and there are ${counts[few]} of one: give more, or set probability to false`,
    );
}

/** Logistic functions of the decisions about each fold by machines that were fitted on the others. */
async function calibrate(
  { matrix, codes, classes, limits }: MachineRows,
  counts: Int32Array,
  weights: Float64Array | undefined,
  settings: SvcSettings,
  turns: Turns,
): Promise<Sigmoid[]> {
  const foldOf = stratifiedFolds({ codes, counts }, folds);
  const width = classes === 2 ? 1 : classes;
  const decisions = new Float64Array(matrix.rows * width);
  const all = Array.from(codes.keys());
  for (let fold = 0; fold < folds; fold++) {
    const others = all.filter((row) => foldOf[row] !== fold);
    const held = all.filter((row) => foldOf[row] === fold);
    const training: MachineRows = {
      matrix: matrixRows(matrix, others),
      codes: Int32Array.from(others, (row) => codes[row] ?? 0),
      classes,
      limits: Float64Array.from(others, (row) => limits[row] ?? 0),
    };
    for (let code = 0; code < classes; code++)
      if (!training.codes.some((each, row) => each === code && (training.limits[row] ?? 0) > 0))
        throw new InvalidInputError(
          "probabilities need two rows with weight of each class, in different folds: give more, or set probability to false",
        );
    const kernel = kernelFor(settings, training.matrix);
    const machines = await trainPairs(training, kernel, settings.tol, turns);
    const found = classDecisions(
      await pairDecisions(machines, kernel, matrixRows(matrix, held), turns),
      classes,
    );
    for (const [at, row] of held.entries())
      decisions.set(found.subarray(at * width, (at + 1) * width), row * width);
  }
  return Array.from({ length: width }, (_, at) => {
    const own = decisions.filter((_, place) => place % width === at);
    return fitSigmoid(own, (row) => codes[row] === (classes === 2 ? 1 : at), weights);
  });
}
