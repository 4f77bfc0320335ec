/**
 * @file The variance of areas under ROC curves without assumptions on the scores (DeLong, DeLong and Clarke-Pearson, 1988),
 * computed by ranks (Sun and Xu, 2014).
 */
import { InvalidInputError } from "../../errors.ts";
import type { BinaryLabels } from "../../labels.ts";
import { normalQuantile, twoSided } from "../../normal-distribution.ts";
import { byFallingScore } from "../order.ts";
import { countBothClasses, type Scores } from "../scores.ts";
import { checkConfidence, type ConfidenceOptions, type Interval } from "./interval.ts";

/** An area with its standard error. */
export interface AucInterval extends Interval {
  readonly standardError: number;
}

/**
 * The area under the ROC curve with its interval: the normal one of DeLong, cut at 0 and 1. For few rows of a class, or areas
 * near 1, it is too narrow.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN, fewer than two rows of a class
 */
export function delongInterval(
  labels: BinaryLabels,
  scores: Scores,
  { confidence = 0.95 }: ConfidenceOptions = {},
): AucInterval {
  checkConfidence(confidence);
  const components = componentsOf(labels, scores);
  const standardError = Math.sqrt(covariance(components, components));
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  const estimate = components.area;
  return {
    estimate,
    low: Math.max(0, estimate - half),
    high: Math.min(1, estimate + half),
    confidence,
    standardError,
  };
}

/** How two areas on the same rows differ. */
export interface AucComparison extends AucInterval {
  /** The area of the first and of the second scores. The estimate is the first less the second. */
  readonly areas: readonly [number, number];
  /** The difference by its standard error; 0 where the scores rank all rows equally. */
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * DeLong's test of whether two sets of scores for the same rows have the same area under the ROC curve.
 * @throws {@link InvalidInputError} as {@link delongInterval}
 */
export function delongTest(
  labels: BinaryLabels,
  first: Scores,
  second: Scores,
  { confidence = 0.95 }: ConfidenceOptions = {},
): AucComparison {
  checkConfidence(confidence);
  const [a, b] = [componentsOf(labels, first), componentsOf(labels, second)];
  const variance = covariance(a, a) + covariance(b, b) - 2 * covariance(a, b);
  const standardError = Math.sqrt(Math.max(0, variance));
  const estimate = a.area - b.area;
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  const statistic = estimate === 0 ? 0 : estimate / standardError;
  return {
    areas: [a.area, b.area],
    estimate,
    low: Math.max(-1, estimate - half),
    high: Math.min(1, estimate + half),
    confidence,
    standardError,
    statistic,
    pValue: twoSided(statistic),
  };
}

/** For each positive the share of negatives below it, for each negative the share of positives above it; ties half. */
interface Components {
  readonly area: number;
  readonly ofPositives: Float64Array;
  readonly ofNegatives: Float64Array;
}

function componentsOf(labels: BinaryLabels, scores: Scores): Components {
  const { positives, negatives } = countBothClasses(labels, scores);
  if (Math.min(positives, negatives) < 2)
    throw new InvalidInputError(
      `there are ${positives} positives and ${negatives} negatives: a variance needs at least 2 of each`,
    );
  const places = new Uint32Array(labels.length);
  let [seenPositives, seenNegatives] = [0, 0];
  for (let row = 0; row < labels.length; row++)
    places[row] = Number(labels[row]) === 1 ? seenPositives++ : seenNegatives++;
  const ofPositives = new Float64Array(positives);
  const ofNegatives = new Float64Array(negatives);
  const order = byFallingScore(scores);
  let [above, belowOrEqual] = [0, negatives];
  let area = 0;
  for (let start = 0; start < order.length;) {
    const score = scores[order[start] ?? 0];
    let end = start;
    let equalPositives = 0;
    while (end < order.length && scores[order[end] ?? 0] === score)
      equalPositives += Number(labels[order[end++] ?? 0]);
    const equalNegatives = end - start - equalPositives;
    belowOrEqual -= equalNegatives;
    for (let at = start; at < end; at++) {
      const row = order[at] ?? 0;
      const place = places[row] ?? 0;
      if (Number(labels[row]) === 1) ofPositives[place] = (belowOrEqual + equalNegatives / 2) / negatives;
      else ofNegatives[place] = (above + equalPositives / 2) / positives;
    }
    area += equalPositives * (belowOrEqual + equalNegatives / 2);
    above += equalPositives;
    start = end;
  }
  return { area: area / (positives * negatives), ofPositives, ofNegatives };
}

function covariance(a: Components, b: Components): number {
  const of = (one: Float64Array, other: Float64Array): number => {
    let sum = 0;
    for (let at = 0; at < one.length; at++) sum += ((one[at] ?? 0) - a.area) * ((other[at] ?? 0) - b.area);
    return sum / (one.length - 1) / one.length;
  };
  return of(a.ofPositives, b.ofPositives) + of(a.ofNegatives, b.ofNegatives);
}
