import assert from "node:assert/strict";
import * as v from "valibot";
import { InvalidInputError } from "../../../ml/errors.ts";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { bestScores, columnsAt, variedColumns } from "../../../ml/features/selection/best-scores.ts";
import {
  chi2,
  fClassif,
  fRegression,
  rRegression,
  type ColumnScores,
} from "../../../ml/features/selection/correlation-scores.ts";
import { lasso } from "../../../ml/features/selection/lasso.ts";
import {
  mutualInfoClassif,
  mutualInfoRegression,
} from "../../../ml/features/selection/mutual-information.ts";
import { lineDistances, planeDistances } from "../../../ml/features/selection/neighbour-distances.ts";
import { permutationImportance } from "../../../ml/features/selection/permutation-importance.ts";
import { eliminate } from "../../../ml/features/selection/recursive-elimination.ts";
import { sparseLogistic } from "../../../ml/features/selection/sparse-logistic.ts";
import { chiSquaredAbove, digammas, fAbove, logGamma, upperGamma } from "../../../ml/special-functions.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { denseMatrix, toSparse } from "./matrices.ts";

const finite = v.array(v.number());
const numbers = v.array(
  v.union([
    v.number(),
    v.pipe(
      v.picklist(["nan", "inf"]),
      v.transform((text) => (text === "inf" ? Number.POSITIVE_INFINITY : Number.NaN)),
    ),
  ]),
);
const matrix = v.pipe(
  v.object({ rows: v.number(), columns: v.number(), data: finite }),
  v.transform(({ rows, columns, data }) => denseMatrix(data, rows, columns)),
);
const scores = v.object({ scores: numbers, pValues: v.optional(numbers) });
const logistic = v.object({ c: v.number(), coefficients: v.array(finite), intercepts: finite });
const reference = readReference(
  "features-selection",
  v.object({
    continuous: matrix,
    counts: matrix,
    discrete: matrix,
    tied: matrix,
    separated: matrix,
    scaled: matrix,
    amounts: finite,
    labels: v.array(v.string()),
    binary: finite,
    lonely: finite,
    fClassif: scores,
    fClassifSeparated: scores,
    fClassifCounts: scores,
    far: matrix,
    farClassif: scores,
    farRegression: scores,
    rRegression: scores,
    fRegression: scores,
    fRegressionPerfect: scores,
    chi2: scores,
    mutualInfoClassif: numbers,
    mutualInfoClassifFive: numbers,
    mutualInfoClassifLonely: numbers,
    mutualInfoClassifDiscrete: numbers,
    mutualInfoRegression: numbers,
    mutualInfoRegressionDiscrete: numbers,
    mutualInfoTied: v.object({ means: finite, deviations: finite }),
    selectKBest: v.object({
      classes: finite,
      counts: finite,
      ties: v.object({ scores: numbers, kept: v.array(finite) }),
    }),
    varianceThreshold: v.array(
      v.object({ threshold: v.number(), data: numbers, variances: numbers, kept: finite }),
    ),
    lasso: v.array(
      v.object({ alpha: v.number(), coefficients: finite, intercept: v.number(), kept: finite }),
    ),
    logistic: v.array(logistic),
    logisticClasses: logistic,
    rfe: v.array(
      v.object({
        keep: v.nullable(v.number()),
        step: v.number(),
        alpha: v.number(),
        kept: finite,
        ranking: finite,
      }),
    ),
    permutation: v.object({
      coefficients: finite,
      intercept: v.number(),
      means: finite,
      deviations: finite,
    }),
    upperGamma: v.array(v.tuple([v.number(), v.number(), v.number()])),
    logGamma: v.array(v.tuple([v.number(), v.number()])),
    fAbove: v.array(v.tuple([v.number(), v.number(), v.number(), v.number()])),
    chiSquaredAbove: v.array(v.tuple([v.number(), v.number(), v.number()])),
  }),
);
const { continuous, counts, discrete, scaled, separated, amounts, labels } = reference;
/** The constant column, for which scikit-learn gives what rounding leaves. */
const constant = 7;

describe("selection, against scikit-learn", () => {
  it("F statistics between classes", () => {
    assertScores(fClassif(continuous, labels), reference.fClassif, constant);
    assert.ok(Number.isNaN(fClassif(continuous, labels).scores[constant]));
    assertScores(fClassif(separated, reference.binary), reference.fClassifSeparated);
    const five = columnsAt(counts, [0, 1, 2, 3, 4]);
    assertScores(fClassif(five, labels), reference.fClassifCounts);
    assertScores(fClassif(toSparse(five), labels), reference.fClassifCounts);
  });

  it("correlations and F statistics of a regression", () => {
    assertScores(rRegression(continuous, amounts), reference.rRegression);
    assertScores(fRegression(continuous, amounts), reference.fRegression);
    // A perfect correlation rounds to more than 1 in scikit-learn, and its score to less than none.
    const perfect = fRegression(
      separated,
      reference.binary.map((each) => 3 * each - 1),
    );
    assertScores(perfect, reference.fRegressionPerfect, 0);
    assert.ok((perfect.scores[0] ?? 0) > 1e12 && (perfect.pValues?.[0] ?? 1) < 1e-100);
    assert.deepEqual(
      [...rRegression(continuous, new Float64Array(160).fill(0.1)).scores],
      Array.from({ length: 10 }, () => 0),
    );
  });

  it("both of a column far from zero, against SciPy", () => {
    assertScores(fClassif(reference.far, labels), reference.farClassif);
    assertScores(rRegression(reference.far, amounts), reference.farRegression);
  });

  it("chi-squared", () => {
    assertScores(chi2(counts, labels), reference.chi2);
    assertScores(chi2(toSparse(counts), labels), reference.chi2);
  });

  it("mutual information with classes", () => {
    for (const [{ scores }, expected] of [
      [mutualInfoClassif(continuous, labels), reference.mutualInfoClassif],
      [mutualInfoClassif(continuous, labels, { neighbors: 5 }), reference.mutualInfoClassifFive],
      [mutualInfoClassif(continuous, reference.lonely), reference.mutualInfoClassifLonely],
    ] as const) {
      // Of a constant column only the noise is left.
      const isVaried = (_: number, column: number): boolean => column !== constant;
      assertCloseTo(scores.filter(isVaried), expected.filter(isVaried), 1e-9);
    }
    const found = mutualInfoClassif(discrete, labels, { discrete: discrete.columns });
    assertCloseTo(found.scores, reference.mutualInfoClassifDiscrete, 1e-9);
  });

  it("mutual information with numbers", () => {
    assertCloseTo(mutualInfoRegression(continuous, amounts).scores, reference.mutualInfoRegression, 1e-9);
    const found = mutualInfoRegression(discrete, amounts, { discrete: discrete.columns });
    assertCloseTo(found.scores, reference.mutualInfoRegressionDiscrete, 1e-9);
  });

  it("mutual information where equal numbers are told apart by noise: the mean over seeds", () => {
    const { means, deviations } = reference.mutualInfoTied;
    const seeds = 200;
    const sums = new Float64Array(means.length);
    for (let seed = 0; seed < seeds; seed++) {
      const { scores } = mutualInfoRegression(reference.tied, amounts, { seed });
      for (const [column, score] of scores.entries()) sums[column] = (sums[column] ?? 0) + score / seeds;
    }
    // Five standard errors of the difference of two means of 200.
    for (const [column, mean] of means.entries()) {
      const bound = 5 * (deviations[column] ?? 0) * Math.sqrt(2 / seeds);
      assert.ok(
        bound < 5e-3 && Math.abs((sums[column] ?? 0) - mean) < bound,
        `${sums[column]}, expected ${mean}`,
      );
    }
  });

  it("the best scores", () => {
    const { classes, counts: ofCounts, ties } = reference.selectKBest;
    assert.deepEqual(bestScores(fClassif(continuous, labels).scores, 4), classes);
    assert.deepEqual(bestScores(chi2(counts, labels).scores, 3), ofCounts);
    for (const [at, kept] of ties.kept.entries())
      assert.deepEqual(bestScores(Float64Array.from(ties.scores), at + 1), kept);
  });

  it("columns that vary", () => {
    for (const { threshold, data, variances, kept } of reference.varianceThreshold) {
      const found = variedColumns(denseMatrix(data, 160, 10), threshold);
      assert.deepEqual(found.kept, kept);
      assertCloseTo(found.variances, variances, 1e-9);
    }
    assert.throws(() => variedColumns(denseMatrix([1, 1], 2, 1)), /no feature has a variance above 0/);
  });

  it("lasso", () => {
    for (const { alpha, coefficients, intercept, kept } of reference.lasso) {
      const found = lasso(scaled, amounts, alpha);
      assertCloseTo(found.coefficients, coefficients, 1e-6, `alpha ${alpha}`);
      assertCloseTo([found.intercept], [intercept], 1e-6);
      const chosen = Array.from(found.coefficients.keys()).filter((at) => found.coefficients[at] !== 0);
      assert.deepEqual(chosen, kept);
    }
  });

  it("logistic regression with an l1 penalty", () => {
    const cases = reference.logistic.map((each) => [each, reference.binary] as const);
    for (const [{ c, coefficients, intercepts }, target] of [
      ...cases,
      [reference.logisticClasses, labels] as const,
    ]) {
      const found = sparseLogistic(scaled, target, c);
      assertCloseTo(
        found.flatMap((each) => [...each.coefficients]),
        coefficients.flat(),
        1e-6,
        `c ${c}`,
      );
      assertCloseTo(
        found.map((each) => each.intercept),
        intercepts,
        1e-6,
      );
    }
  });

  it("recursive elimination", async () => {
    for (const { keep, step, alpha, kept, ranking } of reference.rfe) {
      const model = {
        fit: (matrix: DenseMatrix, target: Float64Array) => ({
          importances: lasso(matrix, target, alpha).coefficients.map(Math.abs),
        }),
      };
      const found = await eliminate(scaled, amounts, model, keep === null ? { step } : { keep, step });
      assert.deepEqual(found.kept, kept);
      assert.deepEqual([...found.ranking], ranking);
    }
  });

  it("permutation importance", async () => {
    const { coefficients, intercept, means, deviations } = reference.permutation;
    const five = columnsAt(scaled, [0, 1, 2, 3, 4]);
    const model = {
      predict: ({ data, rows }: DenseMatrix) =>
        Float64Array.from({ length: rows }, (_, row) =>
          coefficients.reduce((sum, value, at) => sum + value * (data[row * 5 + at] ?? 0), intercept),
        ),
    };
    const repeats = 500;
    const found = await permutationImportance(model, five, amounts, determination, { repeats, seed: 4 });
    for (const [column, mean] of means.entries()) {
      const deviation = deviations[column] ?? 0;
      const bound = 5 * deviation * Math.sqrt(1 / repeats + 1 / 2000);
      assert.ok(Math.abs((found.means[column] ?? 0) - mean) < bound, `column ${column}`);
      assert.ok(Math.abs((found.deviations[column] ?? 0) / deviation - 1) < 0.2);
    }
    assert.deepEqual(
      await permutationImportance(model, five, amounts, determination, { repeats: 3, seed: 9 }),
      await permutationImportance(model, five, amounts, determination, { repeats: 3, seed: 9 }),
    );
  });
});

describe("special functions, against SciPy", () => {
  it("gamma and its logarithm", () => {
    for (const [a, x, expected] of reference.upperGamma) assertRelative(upperGamma(a, x), expected, 1e-10);
    for (const [x, expected] of reference.logGamma)
      assert.ok(Math.abs(logGamma(x) - expected) <= 1e-12 * Math.max(1, Math.abs(expected)));
    assertCloseTo(
      digammas(4).subarray(1),
      [-0.5772156649015329, 0.4227843350984671, 0.9227843350984671, 1.2561176684318005],
      1e-15,
    );
  });

  it("tails of the F and chi-squared distributions", () => {
    for (const [value, d1, d2, expected] of reference.fAbove)
      assertRelative(fAbove(value, d1, d2), expected, 1e-8);
    for (const [value, degrees, expected] of reference.chiSquaredAbove)
      assertRelative(chiSquaredAbove(value, degrees), expected, 1e-9);
  });
});

describe("selection", () => {
  it("finds the k-th nearest neighbours that a full search finds", () => {
    const random = new Random(3);
    for (const count of [5, 40, 700]) {
      const x = Float64Array.from({ length: count }, () => random.normal());
      // Many equal coordinates, which halving must not trip over.
      const y = Float64Array.from({ length: count }, (_, at) =>
        at % 3 === 0 ? 1 : Math.round(random.normal()),
      );
      const nearest = (distance: (a: number, b: number) => number, k: number): number[] =>
        Array.from({ length: count }, (_, a) => {
          const all = Array.from({ length: count }, (_, b) => distance(a, b)).filter((_, b) => b !== a);
          return all.sort((p, q) => p - q)[k - 1] ?? Number.NaN;
        });
      const at = (values: Float64Array, index: number): number => values[index] ?? 0;
      for (const k of [1, 3, 4]) {
        assert.deepEqual(
          [...planeDistances(x, y, k)],
          nearest((a, b) => Math.max(Math.abs(at(x, a) - at(x, b)), Math.abs(at(y, a) - at(y, b))), k),
        );
        const sorted = Float64Array.from(x).sort();
        assert.deepEqual(
          [...lineDistances(sorted, k)],
          nearest((a, b) => Math.abs(at(sorted, a) - at(sorted, b)), k),
        );
      }
    }
  });

  it("says what it cannot score", async () => {
    const ok = denseMatrix([1, 2, 3, 5, 5, 7], 3, 2);
    const bad = denseMatrix([1, 2, 3, Number.NaN, 5, 7], 3, 2);
    assert.throws(() => fClassif(bad, [0, 1, 0]), /column "c1" holds NaN in row 1/);
    assert.throws(() => fClassif(ok, [0, 1]), /the target has 2 rows and the matrix has 3/);
    assert.throws(() => fClassif(ok, ["a", "a", "a"]), /1 classes: at least 2/);
    assert.throws(() => fRegression(ok, [0, Number.POSITIVE_INFINITY, 1]), /target of row 1 is Infinity/);
    assert.throws(() => chi2(denseMatrix([1, -2], 2, 1), [0, 1]), /column "c0" holds -2.*counts/);
    assert.throws(() => mutualInfoRegression(ok, [1, 2, 3]), /of 3 rows, each has 1 to 2 neighbours, not 3/);
    assert.throws(
      () => mutualInfoClassif(ok, [1, 2, 3], { neighbors: 1, discrete: ["c9"] }),
      /no column "c9"/,
    );
    assert.throws(() => bestScores(new Float64Array(3), 4), /1 to 3 can be kept, not 4/);
    assert.throws(() => lasso(ok, [1, 2, 3], 0), InvalidInputError);
    assert.throws(() => sparseLogistic(ok, [1, 2, 1], -1), InvalidInputError);
    const silent = { fit: () => ({ importances: [1] }) };
    await assert.rejects(eliminate(ok, [1, 2, 3], silent), /must give as many importances/);
    await assert.rejects(eliminate(ok, [1, 2, 3], silent, { step: 1.5 }), /a step removes 1 or more/);
  });
});

function determination(target: Float64Array, predictions: ArrayLike<number>): number {
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  const total = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return 1 - target.reduce((sum, value, row) => sum + (value - (predictions[row] ?? 0)) ** 2, 0) / total;
}

/** Scores and probabilities equal within 1e-6 of their size, so that small probabilities count too. */
function assertScores(found: ColumnScores, expected: v.InferOutput<typeof scores>, except?: number): void {
  for (const name of ["scores", "pValues"] as const) {
    const [actual, wanted] = [found[name], expected[name]];
    assert.equal(actual?.length, wanted?.length, name);
    for (const [column, value] of (wanted ?? []).entries()) {
      if (column !== except)
        assertRelative(actual?.[column] ?? 0, value, 1e-6, `${name} of column ${column}`);
    }
  }
}

function assertRelative(actual: number, expected: number, tolerance: number, what = "value"): void {
  const isSame = Object.is(actual, expected) || actual === expected;
  const isTiny =
    Math.abs(actual) < 1e-9 && Math.abs(expected) < 1e-9 && expected !== 0 && what.startsWith("scores");
  const isNear = Math.abs(actual - expected) <= tolerance * Math.abs(expected);
  assert.ok(isSame || isTiny || isNear, `${what}: ${actual}, expected ${expected}`);
}
