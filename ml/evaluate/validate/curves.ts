/** @file How scores change with the number of rows, and with a setting. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, Regressor } from "../../estimator.ts";
import { observed, stepReporter } from "../../fit-observer.ts";
import { Random } from "../../random.ts";
import type { ClassTarget, NumericTarget } from "../../target.ts";
import { validationOf, type ValidateOptions } from "./cross-validate.ts";
import type { CrossValidation } from "./cross-validation.ts";
import type {
  ClassificationMetricName,
  ClassificationRows,
  RegressionMetricName,
  RegressionRows,
} from "./metrics.ts";

/** A measure of a classifier: its name, or a function of a fold's rows. */
export type ClassificationMetric = ClassificationMetricName | ((rows: ClassificationRows) => number);
/** A measure of a regressor: its name, or a function of a fold's rows. */
export type RegressionMetric = RegressionMetricName | ((rows: RegressionRows) => number);

/** Settings of a curve. */
export interface CurveOptions<Metric> extends Omit<ValidateOptions, "returnTrainScore"> {
  /** What is measured; the accuracy of a classifier and R² of a regressor where absent. */
  readonly metric?: Metric;
}

/** Scores at a point of a curve, one for each split. */
export interface CurvePoint<Value> {
  /** How many rows were learnt from, or the setting's value. */
  readonly value: Value;
  readonly trainScores: readonly number[];
  readonly testScores: readonly number[];
}

/** Settings of a learning curve. */
export interface LearningOptions<Metric> extends CurveOptions<Metric> {
  /** Shares (up to 1) or numbers of the first split's training rows; 0.1, 0.325, 0.55, 0.775 and 1 where absent. */
  readonly trainSizes?: readonly number[];
  /** Whether training rows are shuffled before the first of them are taken; no where absent. */
  readonly shuffle?: boolean;
  /** Of the shuffle; 0 where absent. */
  readonly seed?: number;
}

/**
 * Scores on training and test rows by how many rows were learnt from. As scikit-learn's `learning_curve`: of each split's
 * training rows the first ones are taken.
 * @throws {@link InvalidInputError} for sizes that aren't shares or numbers of the training rows; as cross-validation
 */
export async function learningCurve(
  estimator: Classifier,
  rows: DenseMatrix,
  target: ClassTarget,
  options?: LearningOptions<ClassificationMetric>,
): Promise<CurvePoint<number>[]>;
export async function learningCurve(
  estimator: Regressor,
  rows: DenseMatrix,
  target: NumericTarget,
  options?: LearningOptions<RegressionMetric>,
): Promise<CurvePoint<number>[]>;
export async function learningCurve(
  estimator: Classifier | Regressor,
  rows: DenseMatrix,
  target: ClassTarget,
  options: LearningOptions<AnyMetric> = {},
): Promise<CurvePoint<number>[]> {
  const { trainSizes = [0.1, 0.325, 0.55, 0.775, 1], shuffle = false, seed = 0 } = options;
  const validation = validationOf(estimator, rows, target, withMetric(options));
  const random = new Random(seed);
  const splits = Array.from(validation.splits, ({ train, test }) => {
    const order = train.slice();
    if (shuffle) random.shuffle(order);
    return { train: order, test };
  });
  const sizes = sizesOf(trainSizes, splits[0]?.train.length ?? 0);
  return await curveOf("learningCurve", sizes, async (size) => {
    const parts = splits.map(({ train, test }) => ({ train: train.subarray(0, size), test }));
    return await validation.run(validation.fit, parts, { returnTrainScore: true });
  });
}

/**
 * Scores on training and test rows by the value of a setting. As scikit-learn's `validation_curve`.
 * @throws {@link InvalidInputError} for no values; as cross-validation
 * @example await validationCurve(ridge(), "alpha", [0.01, 0.1, 1, 10], matrix, prices)
 */
export async function validationCurve<Settings extends object, Name extends keyof Settings>(
  estimator: Classifier<Settings>,
  setting: Name,
  values: readonly Settings[Name][],
  rows: DenseMatrix,
  target: ClassTarget,
  options?: CurveOptions<ClassificationMetric>,
): Promise<CurvePoint<Settings[Name]>[]>;
export async function validationCurve<Settings extends object, Name extends keyof Settings>(
  estimator: Regressor<Settings>,
  setting: Name,
  values: readonly Settings[Name][],
  rows: DenseMatrix,
  target: NumericTarget,
  options?: CurveOptions<RegressionMetric>,
): Promise<CurvePoint<Settings[Name]>[]>;
export async function validationCurve(
  estimator: Classifier | Regressor,
  setting: PropertyKey,
  values: readonly unknown[],
  rows: DenseMatrix,
  target: ClassTarget,
  options: CurveOptions<AnyMetric> = {},
): Promise<CurvePoint<unknown>[]> {
  if (values.length === 0) throw new InvalidInputError("there are no values of the setting to compare");
  const validation = validationOf(estimator, rows, target, withMetric(options));
  const splits = [...validation.splits];
  return await curveOf("validationCurve", values, async (value) => {
    const fit = validation.fitWith({ [setting]: value });
    return await validation.run(fit, splits, { returnTrainScore: true });
  });
}

/** A validation for each value, observed as one. */
async function curveOf<Value>(
  name: string,
  values: readonly Value[],
  validate: (value: Value) => Promise<CrossValidation>,
): Promise<CurvePoint<Value>[]> {
  return await observed(
    () => ({ type: "validation", name, parameters: { values } }),
    async () => {
      const report = stepReporter();
      const points: CurvePoint<Value>[] = [];
      for (const value of values) {
        const point = pointOf(value, await validate(value));
        points.push(point);
        report?.(
          { train_score: meanOf(point.trainScores), test_score: meanOf(point.testScores) },
          points.length - 1,
        );
      }
      return points;
    },
  );
}

function meanOf(scores: readonly number[]): number {
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

// A function of the rows of one kind is never given those of the other.
type AnyMetric = string | ((rows: never) => number);

const only = "score";

function withMetric(options: CurveOptions<AnyMetric>): Parameters<typeof validationOf>[3] {
  const { metric, ...others } = options;
  if (metric === undefined) return others;
  return { ...others, metrics: typeof metric === "string" ? [metric] : { [only]: metric } };
}

function pointOf<Value>(value: Value, { folds, names: [name = only] }: CrossValidation): CurvePoint<Value> {
  return {
    value,
    trainScores: folds.map(({ trainScores }) => trainScores?.[name] ?? Number.NaN),
    testScores: folds.map(({ scores }) => scores[name] ?? Number.NaN),
  };
}

function sizesOf(sizes: readonly number[], rows: number): number[] {
  if (sizes.length === 0) throw new InvalidInputError("there are no trainSizes to compare");
  const areShares = sizes.every((size) => size <= 1);
  const counts = sizes.map((size) => (areShares ? Math.floor(size * rows) : size));
  for (const [at, count] of counts.entries())
    if (!(Number.isInteger(count) && count >= 1 && count <= rows))
      throw new InvalidInputError(
        `trainSizes ${sizes[at]} is no share up to 1 and no number of the ${rows} training rows`,
      );
  return [...new Set(counts)].sort((a, b) => a - b);
}
