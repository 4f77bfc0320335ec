/** @file Measures of probabilities of several classes. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import type { ClassLabel } from "../../estimator.ts";
import { requireCount } from "../../settings.ts";
import type { ClassTarget } from "../../target.ts";
import { rocAuc } from "../roc.ts";
import { checkWeights, weightedMean, type WeightOptions } from "../weights.ts";
import { ascending, plain } from "./class-pairs.ts";

/** Settings of a measure of probabilities of several classes. */
export interface ClassProbabilityOptions extends WeightOptions {
  /** The class of each column of the probabilities; those of the rows, in ascending order, where absent. */
  readonly classes?: readonly ClassLabel[];
}

/** A number for each class and row. */
export type ClassScores = Float32Array | Float64Array | readonly number[];

/**
 * The mean of `-log p` of the class that happened, in nats. As scikit-learn's `log_loss`: probabilities of 0 count as the
 * smallest that their number format tells apart from 1.
 * @param probabilities row-major, a column for each class; each row sums to 1
 * @throws {@link InvalidInputError} for no rows, unequal lengths, unknown classes, values that aren't probabilities
 */
export function multiclassLogLoss(
  truth: ClassTarget,
  probabilities: ClassScores,
  { classes, weights }: ClassProbabilityOptions = {},
): number {
  const { codes, width } = checked(truth, probabilities, classes, weights);
  requireProbabilities(probabilities, codes.length, width);
  const epsilon = probabilities instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
  return weightedMean(codes.length, weights, (row) => {
    const probability = probabilities[row * width + (codes[row] ?? 0)] ?? 0;
    return -Math.log(Math.min(Math.max(probability, epsilon), 1 - epsilon));
  });
}

/**
 * The mean over the rows of the squared differences between the probabilities of all classes and what happened, from 0 to
 * 2 (Brier, 1950). As scikit-learn's `brier_score_loss` of several classes.
 * @throws {@link InvalidInputError} as {@link multiclassLogLoss}
 */
export function multiclassBrierScore(
  truth: ClassTarget,
  probabilities: ClassScores,
  { classes, weights }: ClassProbabilityOptions = {},
): number {
  const { codes, width } = checked(truth, probabilities, classes, weights);
  requireProbabilities(probabilities, codes.length, width);
  return weightedMean(codes.length, weights, (row) => {
    let sum = 0;
    for (let code = 0; code < width; code++)
      sum += ((probabilities[row * width + code] ?? 0) - (codes[row] === code ? 1 : 0)) ** 2;
    return sum;
  });
}

/** Settings of {@link multiclassRocAuc}. */
export interface MulticlassAucOptions extends ClassProbabilityOptions {
  /** Each class against all others, or each pair of classes against one another; `"ovr"` where absent. */
  readonly multiClass?: "ovr" | "ovo";
  /** The mean of the areas, plain or by how often the classes happen; `"macro"` where absent. */
  readonly average?: "macro" | "weighted";
}

/**
 * The area under the ROC curve for several classes. As scikit-learn's `roc_auc_score`; one against one is Hand and Till's
 * measure (2001) and takes no weights.
 * @throws {@link InvalidInputError} as {@link multiclassLogLoss}, and where a class has no rows
 */
export function multiclassRocAuc(
  truth: ClassTarget,
  probabilities: ClassScores,
  { classes, weights, multiClass = "ovr", average = "macro" }: MulticlassAucOptions = {},
): number {
  const { codes, width, labels } = checked(truth, probabilities, classes, weights);
  requireProbabilities(probabilities, codes.length, width);
  const counts = new Float64Array(width);
  for (const [row, code] of codes.entries())
    counts[code] = (counts[code] ?? 0) + (multiClass === "ovr" ? (weights?.[row] ?? 1) : 1);
  const absent = counts.indexOf(0);
  if (absent >= 0)
    throw new InvalidInputError(
      `no row is of class ${JSON.stringify(labels[absent])}: there is no area for it`,
    );
  if (multiClass === "ovo" && weights)
    throw new InvalidInputError('areas of one class against one ("ovo") take no weights');
  const areas: { area: number; weight: number }[] = [];
  if (multiClass === "ovr") {
    for (let code = 0; code < width; code++) {
      const column = new Float64Array(codes.length);
      const isClass = new Uint8Array(codes.length);
      for (let row = 0; row < codes.length; row++) {
        column[row] = probabilities[row * width + code] ?? 0;
        isClass[row] = codes[row] === code ? 1 : 0;
      }
      areas.push({ area: rocAuc(isClass, column, weights ? { weights } : {}), weight: counts[code] ?? 0 });
    }
  } else {
    for (let a = 0; a < width; a++) {
      for (let b = a + 1; b < width; b++) {
        const rows = Array.from(codes.keys()).filter((row) => codes[row] === a || codes[row] === b);
        const against = (code: number): number =>
          rocAuc(
            Uint8Array.from(rows, (row) => (codes[row] === code ? 1 : 0)),
            Float64Array.from(rows, (row) => probabilities[row * width + code] ?? 0),
          );
        areas.push({ area: (against(a) + against(b)) / 2, weight: rows.length });
      }
    }
  }
  const total = areas.reduce((sum, { weight }) => sum + (average === "macro" ? 1 : weight), 0);
  return areas.reduce((sum, { area, weight }) => sum + area * (average === "macro" ? 1 : weight), 0) / total;
}

/** Settings of {@link topKAccuracy}. */
export interface TopKOptions extends ClassProbabilityOptions {
  /** How many classes may be named; 2 where absent. */
  readonly k?: number;
}

/**
 * The share of rows whose class is among the `k` of the highest scores; of equal scores the later class counts as higher.
 * As scikit-learn's `top_k_accuracy_score` for several classes.
 * @throws {@link InvalidInputError} as {@link multiclassLogLoss}; scores needn't be probabilities
 */
export function topKAccuracy(
  truth: ClassTarget,
  scores: ClassScores,
  { classes, weights, k = 2 }: TopKOptions = {},
): number {
  requireCount("k", k);
  const { codes, width } = checked(truth, scores, classes, weights);
  return weightedMean(codes.length, weights, (row) => {
    const code = codes[row] ?? 0;
    const own = scores[row * width + code] ?? 0;
    let above = 0;
    for (let other = 0; other < width; other++) {
      const score = scores[row * width + other] ?? 0;
      if (score > own || (score === own && other > code)) above += 1;
    }
    return above < k ? 1 : 0;
  });
}

/** Each row's class as its place among the columns. */
function checked(
  truth: ClassTarget,
  scores: ClassScores,
  given: readonly ClassLabel[] | undefined,
  weights: WeightOptions["weights"],
): { readonly codes: Uint32Array; readonly width: number; readonly labels: readonly ClassLabel[] } {
  const rows = truth.length;
  if (rows === 0) throw new InvalidInputError("there are no rows to evaluate");
  const labels = given ?? Array.from(new Set<ClassLabel>(truth)).sort(ascending);
  const width = labels.length;
  if (width < 2) throw new InvalidInputError(`there are ${width} classes: at least 2 are needed`);
  if (scores.length !== rows * width)
    throw new InvalidInputError(
      `${rows} rows of ${width} classes need ${rows * width} numbers, not ${scores.length}`,
    );
  checkWeights(weights, rows);
  const places = new Map(labels.map((label, place) => [plain(label), place]));
  const codes = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = places.get(plain(truth[row]));
    if (place === undefined)
      throw new InvalidInputError(
        `the class of row ${row} is ${JSON.stringify(truth[row])}, which is none of ${JSON.stringify(labels)}`,
      );
    codes[row] = place;
    for (let code = 0; code < width; code++)
      if (Number.isNaN(scores[row * width + code]))
        throw new InvalidInputError(`row ${row} has a NaN for class ${JSON.stringify(labels[code])}`);
  }
  return { codes, width, labels };
}

function requireProbabilities(values: ClassScores, rows: number, width: number): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let code = 0; code < width; code++) {
      const value = values[row * width + code] ?? 0;
      if (value < 0 || value > 1)
        throw new InvalidInputError(`the probability of row ${row} is ${value}, not between 0 and 1`);
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3)
      throw new InvalidInputError(`the probabilities of row ${row} sum to ${sum}, not to 1`);
  }
}
