/** @file Isotonic regression of labels on scores: the rising function of least squared error. */
import { arrayJson } from "../../array-json.ts";
import { clip } from "../../graph/functions/elementwise.ts";
import { fromData } from "../../graph/create.ts";
import { take } from "../../graph/functions/indexing.ts";
import { searchSorted } from "../../graph/functions/reductions.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { BinaryLabels } from "../../labels.ts";
import { byFallingScore } from "../order.ts";
import type { Scores } from "../scores.ts";
import type { WeightOptions } from "../weights.ts";
import { checkCalibration, predicted, type Calibrator, type ScoreTensor } from "./calibrator.ts";

/** A rising function: straight between points, constant beyond the first and the last. */
export interface Steps {
  /** Rising. */
  readonly scores: Float64Array;
  /** Rising or equal. */
  readonly probabilities: Float64Array;
}

/**
 * Isotonic calibration (Zadrozny and Elkan, 2002) by pooling adjacent violators: fits any rising shape, and needs a thousand
 * rows or so not to follow noise. As scikit-learn's `IsotonicRegression` with `out_of_bounds="clip"`.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, one class only, scores that aren't finite, bad weights
 */
export function isotonicCalibrator(
  labels: BinaryLabels,
  scores: Scores,
  { weights }: WeightOptions = {},
): Calibrator {
  checkCalibration(labels, scores, weights);
  const order = byFallingScore(scores).toReversed();
  const points: Block[] = [];
  for (const row of order) {
    const score = scores[row] ?? 0;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    if (weight === 0) continue;
    const last = points.at(-1);
    const positive = weight * Number(labels[row]);
    if (last?.last === score) points[points.length - 1] = joined(last, { ...last, positive, weight });
    else points.push({ first: score, last: score, positive, weight });
  }
  return fromSteps(stepsOf(pooled(points)));
}

/** Rows of neighbouring scores that share a probability. */
interface Block {
  readonly first: number;
  readonly last: number;
  readonly positive: number;
  readonly weight: number;
}

function pooled(points: readonly Block[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const point of points) {
    let block = point;
    let before = blocks.at(-1);
    // Not below what stands before: equal ones are joined, too.
    while (before && before.positive * block.weight >= block.positive * before.weight) {
      block = joined(before, block);
      blocks.pop();
      before = blocks.at(-1);
    }
    blocks.push(block);
  }
  return blocks;
}

function joined(a: Block, b: Block): Block {
  return { first: a.first, last: b.last, positive: a.positive + b.positive, weight: a.weight + b.weight };
}

function stepsOf(blocks: readonly Block[]): Steps {
  const points = blocks.flatMap(({ first, last, positive, weight }) => {
    const probability = positive / weight;
    return first === last
      ? [{ score: first, probability }]
      : [first, last].map((score) => ({ score, probability }));
  });
  return {
    scores: Float64Array.from(points, ({ score }) => score),
    probabilities: Float64Array.from(points, ({ probability }) => probability),
  };
}

/** The calibrator of a rising function. */
export function fromSteps(steps: Steps): Calibrator {
  return {
    kind: "isotonic",
    predict: (scores) => predicted(scores, (score) => interpolated(steps, score)),
    trace: (scores) => traced(steps, scores),
    toJSON: () => ({
      version: 1,
      kind: "isotonic",
      scores: arrayJson("float64", Float64Array.from(steps.scores)),
      probabilities: arrayJson("float64", Float64Array.from(steps.probabilities)),
    }),
  };
}

function interpolated({ scores, probabilities }: Steps, score: number): number {
  const last = scores.length - 1;
  let [low, high] = [0, last];
  if (score <= (scores[0] ?? 0)) return probabilities[0] ?? 0;
  if (score >= (scores[last] ?? 0)) return probabilities[last] ?? 0;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((scores[middle] ?? 0) <= score) low = middle;
    else high = middle;
  }
  const [start, end] = [scores[low] ?? 0, scores[high] ?? 1];
  const [from, to] = [probabilities[low] ?? 0, probabilities[high] ?? 0];
  return from + ((score - start) * (to - from)) / (end - start);
}

/** In float64: neighbouring scores may be one number in float32. */
function traced({ scores, probabilities }: Steps, given: ScoreTensor): ScoreTensor {
  const last = scores.length - 1;
  const slopes = new Float64Array(scores.length);
  for (let at = 0; at < last; at++)
    slopes[at] =
      ((probabilities[at + 1] ?? 0) - (probabilities[at] ?? 0)) / ((scores[at + 1] ?? 0) - (scores[at] ?? 0));
  const column = (data: Float64Array): Tensor<readonly [number], "float64"> =>
    fromData("float64", Float64Array.from(data), [data.length]);
  const flat = clip(given.cast("float64").reshape(["rows"]), scores[0] ?? 0, scores[last] ?? 0);
  const places = clip(searchSorted(column(scores), flat, { right: true }).sub(1), 0, last);
  const result = flat
    .sub(take(column(scores), places))
    .mul(take(column(slopes), places))
    .add(take(column(probabilities), places));
  return result.cast("float32").reshape(["rows", 1]);
}
