import * as v from "valibot";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import * as evaluate from "../../../ml/evaluate/index.ts";
import { readMeasured, testMeasured } from "./measured.ts";

const numbers = v.array(v.number());
const reference = readMeasured(
  "evaluate-numbers",
  v.object({
    truth: numbers,
    predicted: numbers,
    weights: numbers,
    deviations: v.optional(numbers, []),
    samples: v.optional(numbers, []),
    queries: v.exactOptional(numbers),
  }),
  v.strictObject({
    alpha: v.exactOptional(v.number()),
    average: v.exactOptional(v.picklist(["min", "geometric", "arithmetic", "max"])),
    beta: v.exactOptional(v.number()),
    k: v.exactOptional(v.number()),
    logBase: v.exactOptional(v.number()),
    power: v.exactOptional(v.number()),
  }),
);
type Data = (typeof reference.data)[string];
type Options = (typeof reference.values)[number]["options"];

const ofNumbers =
  (
    measure: (
      truth: number[],
      predicted: number[],
      options: Omit<Options, "average"> & { readonly weights?: number[] },
    ) => number,
  ) =>
  (
    { truth, predicted, weights }: Data,
    { average: _average, ...options }: Options,
    weighted: boolean,
  ): number =>
    measure(truth, predicted, { ...options, ...(weighted && { weights }) });

const ofRanking =
  (
    measure: (
      relevance: number[],
      scores: number[],
      options: Options & { readonly queries: number[]; readonly k: number },
    ) => number,
    relevanceOf = (relevance: number): number => relevance,
  ) =>
  ({ truth, predicted, queries = [] }: Data, options: Options): number =>
    // No query has as many rows.
    measure(truth.map(relevanceOf), predicted, { k: 1e6, ...options, queries });
const relevant = (relevance: number): number => (relevance > 0 ? 1 : 0);

function matrixOf({ truth, predicted }: Data): DenseMatrix {
  const width = truth.length / predicted.length;
  const columns = Array.from({ length: width }, (_, column) => `x${column}`);
  return { data: Float64Array.from(truth), rows: predicted.length, columns };
}

describe("measures of numbers, distributions, rankings and clusters, against scikit-learn", () => {
  testMeasured<Data, Options>(
    reference,
    {
      meanAbsoluteError: ofNumbers(evaluate.meanAbsoluteError),
      meanSquaredError: ofNumbers(evaluate.meanSquaredError),
      rootMeanSquaredError: ofNumbers(evaluate.rootMeanSquaredError),
      meanSquaredLogError: ofNumbers(evaluate.meanSquaredLogError),
      rootMeanSquaredLogError: ofNumbers(evaluate.rootMeanSquaredLogError),
      meanAbsolutePercentageError: ofNumbers(evaluate.meanAbsolutePercentageError),
      medianAbsoluteError: ofNumbers(evaluate.medianAbsoluteError),
      maxError: ofNumbers((truth, predicted) => evaluate.maxError(truth, predicted)),
      explainedVariance: ofNumbers(evaluate.explainedVariance),
      r2Score: ofNumbers(evaluate.r2Score),
      meanPinballLoss: ofNumbers(evaluate.meanPinballLoss),
      meanPoissonDeviance: ofNumbers(evaluate.meanPoissonDeviance),
      meanGammaDeviance: ofNumbers(evaluate.meanGammaDeviance),
      meanTweedieDeviance: ofNumbers(evaluate.meanTweedieDeviance),
      d2TweedieScore: ofNumbers(evaluate.d2TweedieScore),
      d2PinballScore: ofNumbers(evaluate.d2PinballScore),
      d2AbsoluteErrorScore: ofNumbers(evaluate.d2AbsoluteErrorScore),
      crpsNormal: ({ truth, predicted, deviations, weights }, _, weighted) =>
        evaluate.crpsNormal(truth, { means: predicted, deviations }, weighted ? { weights } : {}),
      crpsEnsemble: ({ truth, samples, weights }, _, weighted) =>
        evaluate.crpsEnsemble(truth, samples, weighted ? { weights } : {}),
      dcg: ofRanking(evaluate.dcg),
      ndcg: ofRanking(evaluate.ndcg),
      meanAveragePrecision: ofRanking(evaluate.meanAveragePrecision, relevant),
      meanReciprocalRank: ofRanking(evaluate.meanReciprocalRank, relevant),
      precisionAtK: ofRanking(evaluate.precisionAtK, relevant),
      recallAtK: ofRanking(evaluate.recallAtK, relevant),
      hitRate: ofRanking(evaluate.hitRate, relevant),
      adjustedRand: ({ truth, predicted }) => evaluate.adjustedRand(truth, predicted),
      fowlkesMallows: ({ truth, predicted }) => evaluate.fowlkesMallows(truth, predicted),
      normalizedMutualInformation: ({ truth, predicted }, options) =>
        evaluate.normalizedMutualInformation(truth, predicted, options),
      adjustedMutualInformation: ({ truth, predicted }, options) =>
        evaluate.adjustedMutualInformation(truth, predicted, options),
      homogeneityCompleteness: ({ truth, predicted }, { beta }) => {
        const found = evaluate.homogeneityCompleteness(truth, predicted, beta);
        return [found.homogeneity, found.completeness, found.vMeasure];
      },
      silhouette: async (data) =>
        Array.from((await evaluate.silhouette(matrixOf(data), data.predicted)).rows),
      daviesBouldin: (data) => evaluate.daviesBouldin(matrixOf(data), data.predicted),
      calinskiHarabasz: (data) => evaluate.calinskiHarabasz(matrixOf(data), data.predicted),
    },
    1e-9,
  );
});
