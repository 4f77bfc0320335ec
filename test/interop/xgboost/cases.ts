/** @file What XGBoost's library is to learn, from here and from Python. */
import { Random } from "../../../ml/random.ts";
import type { BoostingRegressorSettings } from "../../../ml/trees/index.ts";

/** Rows as they go to Python: null is missing. */
export interface CaseRows {
  readonly values: readonly (number | null)[];
  readonly target: readonly number[];
  readonly weights?: readonly number[];
}

/** One training. */
export interface TrainingCase {
  readonly name: string;
  /** XGBoost's own names, for Python. */
  readonly objective: string;
  readonly metric: string;
  /** 0 for numbers. */
  readonly classes: number;
  readonly dtype: "float32" | "float64";
  readonly columns: readonly string[];
  readonly settings: Partial<BoostingRegressorSettings>;
  readonly rows: CaseRows;
  readonly validation?: CaseRows;
}

const columns = ["age", "income", "debt", "years", "kind"];
const kinds = 9;
const base = { nEstimators: 25, maxDepth: 4, learningRate: 0.2, threads: 1, seed: 7 };

interface Made {
  readonly values: (number | null)[];
  readonly scores: number[];
  readonly weights: number[];
}

/** Numbers of every size with gaps, and in the last column categories. */
function made(count: number, seed: number): Made {
  const random = new Random(seed);
  const rows: Made = { values: [], scores: [], weights: [] };
  for (let row = 0; row < count; row++) {
    const [a, b, c, d] = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
    const kind = Math.floor(kinds * random.uniform());
    rows.scores.push(2 * a - b * c + (d > 0.7 ? 1 : 0) + ((kind * 5) % kinds) / 4 + 0.3 * random.uniform());
    rows.weights.push(0.2 + random.uniform());
    for (const value of [a, 1e4 * b, c, Math.floor(10 * d)])
      rows.values.push(random.uniform() < 0.1 ? null : Math.fround(value));
    rows.values.push(kind);
  }
  return rows;
}

const training = made(800, 1);
const other = made(300, 2);
const numbersOf = ({ values, scores }: Made): CaseRows => ({ values, target: scores });
const classesOf = ({ values, scores }: Made, edges: readonly number[]): CaseRows => ({
  values,
  target: scores.map((score) => edges.filter((edge) => score > edge).length),
});
const countsOf = ({ values, scores }: Made): CaseRows => ({
  values,
  target: scores.map((score) => Math.max(0, Math.floor(score + 1))),
});
const squared = {
  objective: "reg:squarederror",
  metric: "rmse",
  classes: 0,
  dtype: "float32",
  columns,
} as const;

/** Every objective, setting and form of data. */
export const trainingCases: readonly TrainingCase[] = [
  { name: "numbers with gaps", ...squared, settings: base, rows: numbersOf(training) },
  {
    name: "weights, of float64",
    ...squared,
    dtype: "float64",
    settings: base,
    rows: { ...numbersOf(training), weights: training.weights },
    validation: { ...numbersOf(other), weights: other.weights },
  },
  {
    name: "regularisation and bins",
    ...squared,
    settings: {
      ...base,
      alpha: 0.5,
      lambda: 3,
      gamma: 0.2,
      minChildWeight: 5,
      maxDeltaStep: 0.4,
      maxBins: 16,
    },
    rows: numbersOf(training),
  },
  {
    name: "samples of rows and columns",
    ...squared,
    settings: { ...base, subsample: 0.6, colsampleByTree: 0.5, seed: 11 },
    rows: numbersOf(training),
  },
  {
    name: "constraints",
    ...squared,
    settings: {
      ...base,
      monotoneConstraints: { age: 1, debt: -1 },
      interactionConstraints: [
        ["age", "income"],
        ["debt", "years", "kind"],
      ],
    },
    rows: numbersOf(training),
  },
  {
    name: "categories",
    ...squared,
    settings: { ...base, categoricalFeatures: ["kind"] },
    rows: numbersOf(training),
    validation: numbersOf(other),
  },
  {
    name: "counts",
    ...squared,
    objective: "count:poisson",
    metric: "poisson-nloglik",
    settings: { ...base, objective: "poisson", maxDeltaStep: 0.7 },
    rows: countsOf(training),
    validation: countsOf(other),
  },
  {
    name: "a quantile",
    ...squared,
    objective: "reg:quantileerror",
    metric: "quantile",
    settings: { ...base, objective: "quantile", quantileAlpha: 0.8 },
    rows: numbersOf(training),
    validation: numbersOf(other),
  },
  {
    name: "two classes that stop early",
    ...squared,
    objective: "binary:logistic",
    metric: "logloss",
    classes: 2,
    settings: { ...base, nEstimators: 200, learningRate: 0.5, maxDepth: 6, earlyStoppingRounds: 4 },
    rows: classesOf(training, [1.6]),
    validation: classesOf(other, [1.6]),
  },
  {
    name: "four classes that stop early",
    ...squared,
    objective: "multi:softprob",
    metric: "mlogloss",
    classes: 4,
    settings: { ...base, nEstimators: 200, learningRate: 0.5, earlyStoppingRounds: 4 },
    rows: classesOf(training, [1, 1.6, 2.2]),
    validation: classesOf(other, [1, 1.6, 2.2]),
  },
];
