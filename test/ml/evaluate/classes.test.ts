import assert from "node:assert/strict";
import * as v from "valibot";
import * as evaluate from "../../../ml/evaluate/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { readMeasured, testMeasured } from "./measured.ts";

const numbers = v.array(v.number());
const reference = readMeasured(
  "evaluate-classes",
  v.object({
    truth: v.union([numbers, v.array(v.string())]),
    predicted: v.union([numbers, v.array(v.string())]),
    weights: numbers,
  }),
  v.strictObject({
    adjusted: v.exactOptional(v.boolean()),
    average: v.exactOptional(v.picklist(["binary", "micro", "macro", "weighted"])),
    beta: v.exactOptional(v.number()),
    k: v.exactOptional(v.number()),
    multiClass: v.exactOptional(v.picklist(["ovr", "ovo"])),
    normalize: v.exactOptional(v.picklist(["true", "predicted", "all"])),
    penalty: v.exactOptional(v.picklist(["linear", "quadratic"])),
    zeroDivision: v.exactOptional(
      v.union([
        v.number(),
        v.pipe(
          v.literal("NaN"),
          v.transform(() => Number.NaN),
        ),
      ]),
    ),
  }),
);
type Data = (typeof reference.data)[string];
type Options = (typeof reference.values)[number]["options"];
type Settings = Options & { readonly weights?: number[] };

const scores = ({ truth, predicted }: Data): readonly [number[], number[]] => [
  v.parse(numbers, truth),
  v.parse(numbers, predicted),
];
const settings = ({ weights }: Data, options: Options, weighted: boolean): Settings => ({
  ...options,
  ...(weighted && { weights }),
});
type ClassMeasure = (truth: Data["truth"], predicted: Data["predicted"], options: Settings) => number;
const ofClasses =
  (measure: ClassMeasure) =>
  (data: Data, options: Options, weighted: boolean): number =>
    measure(data.truth, data.predicted, settings(data, options, weighted));
type ScoreMeasure<Value> = (truth: number[], scores: number[], options: Settings) => Value;
const ofScores =
  (measure: ScoreMeasure<number>) =>
  (data: Data, options: Options, weighted: boolean): number =>
    measure(...scores(data), settings(data, options, weighted));

describe("measures of classes, against scikit-learn", () => {
  testMeasured(
    reference,
    {
      accuracy: ofClasses(evaluate.accuracy),
      hammingLoss: ofClasses(evaluate.hammingLoss),
      balancedAccuracy: ofClasses(evaluate.balancedAccuracy),
      matthewsCorrelation: ofClasses(evaluate.matthewsCorrelation),
      cohenKappa: ofClasses((truth, predicted, options) => {
        try {
          return evaluate.cohenKappa(truth, predicted, options);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError);
          return Number.NaN;
        }
      }),
      precision: ofClasses(evaluate.precision),
      recall: ofClasses(evaluate.recall),
      f1Score: ofClasses(evaluate.f1Score),
      jaccard: ofClasses(evaluate.jaccard),
      fBetaScore: ofClasses((truth, predicted, { beta, ...options }) =>
        evaluate.fBetaScore(truth, predicted, Number(beta), options),
      ),
      confusionMatrix: (data, options, weighted) =>
        evaluate
          .confusionMatrix(data.truth, data.predicted, settings(data, options, weighted))
          .counts.map((row) => Array.from(row)),
      classReport: (data, options, weighted) => {
        const report = evaluate.classReport(data.truth, data.predicted, settings(data, options, weighted));
        return (["precision", "recall", "f1", "support"] as const).map((key) =>
          report.map((each) => each[key]),
        );
      },
      rocAuc: ofScores(evaluate.rocAuc),
      averagePrecision: ofScores(evaluate.averagePrecision),
      logLoss: ofScores(evaluate.logLoss),
      brierScore: ofScores(evaluate.brierScore),
      rocCurve: (data, options, weighted) => {
        const curve = evaluate.rocCurve(...scores(data), settings(data, options, weighted));
        return [[...curve.falsePositiveRate], [...curve.truePositiveRate], [...curve.thresholds.subarray(1)]];
      },
      precisionRecallCurve: (data, options, weighted) => {
        const curve = evaluate.precisionRecallCurve(...scores(data), settings(data, options, weighted));
        return [[...curve.precision], [...curve.recall], [...curve.thresholds.subarray(0, -1)]];
      },
      detCurve: (data, options, weighted) => {
        const curve = evaluate.detCurve(...scores(data), settings(data, options, weighted));
        const thresholds = curve.thresholds.map((each) => (each === Infinity ? 1e300 : each));
        return [[...curve.falsePositiveRate], [...curve.falseNegativeRate], [...thresholds]];
      },
      multiclassLogLoss: ofScores(evaluate.multiclassLogLoss),
      multiclassBrierScore: ofScores(evaluate.multiclassBrierScore),
      multiclassRocAuc: ofScores((truth, probabilities, { average, ...options }) =>
        evaluate.multiclassRocAuc(truth, probabilities, {
          average: average === "weighted" ? "weighted" : "macro",
          ...options,
        }),
      ),
      topKAccuracy: ofScores(evaluate.topKAccuracy),
    },
    1e-12,
  );
});
