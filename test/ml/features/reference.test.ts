/** @file Every transformer against scikit-learn's values, as a query and as an ONNX model. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { openDatabase, type Database } from "../../../ml/data/index.ts";
import {
  binning,
  columns,
  cross,
  dateCycles,
  dateParts,
  from,
  hashing,
  imputer,
  maxAbsScaler,
  minMaxScaler,
  oneHot,
  ordinal,
  polynomial,
  powerScaler,
  quantileScaler,
  robustScaler,
  standardScaler,
  targetEncoder,
  type Features,
  type Transformer,
} from "../../../ml/features/index.ts";
import { readReference } from "../reference.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { referenceColumns, referenceTable } from "./reference-table.ts";
import { runOnnx } from "./run-onnx.ts";

const matrix = v.array(v.array(v.nullable(v.number())));
const { cases } = readReference(
  "features",
  v.object({
    cases: v.array(
      v.object({
        name: v.string(),
        columns: referenceColumns,
        expected: matrix,
        crossFitted: v.optional(v.array(v.number())),
        later: v.optional(referenceColumns),
        expectedLater: v.optional(matrix),
      }),
    ),
  }),
);
const byName = new Map(cases.map((each) => [each.name, each]));

const onAll =
  (...steps: readonly [Transformer, ...Transformer[]]) =>
  (names: readonly [string, ...string[]]): Features =>
    columns({ all: from(names, ...steps) });
const steps: Readonly<Record<string, (names: readonly [string, ...string[]]) => Features>> = {
  standardScaler: onAll(standardScaler()),
  minMaxScaler: onAll(minMaxScaler()),
  "minMaxScaler to [-1, 3]": onAll(minMaxScaler({ range: [-1, 3] })),
  maxAbsScaler: onAll(maxAbsScaler()),
  robustScaler: onAll(robustScaler()),
  "robustScaler by deciles": onAll(robustScaler({ quantiles: [0.1, 0.9] })),
  "standardScaler of whole numbers": onAll(standardScaler()),
  "standardScaler of one row": onAll(standardScaler()),
  "minMaxScaler of one row": onAll(minMaxScaler()),
  "robustScaler of one row": onAll(robustScaler()),
  "imputer, mean": onAll(imputer("mean", { indicator: true })),
  "imputer, median": onAll(imputer("median", { indicator: true })),
  "imputer, most_frequent": onAll(imputer("mostFrequent", { indicator: true })),
  "imputer, constant": onAll(imputer({ constant: -7 })),
  "imputer of texts, most_frequent": onAll(imputer("mostFrequent"), oneHot()),
  "imputer of texts, constant": onAll(imputer({ constant: "none" }), oneHot()),
  "imputer and standardScaler": onAll(imputer("median", { indicator: true }), standardScaler()),
  "imputer of whole numbers": onAll(imputer("mean")),
  oneHot: onAll(oneHot()),
  "oneHot, drop first": onAll(oneHot({ drop: "first" })),
  "oneHot, minFrequency 10": onAll(oneHot({ minFrequency: 10 })),
  "oneHot, minFrequency 5 %": onAll(oneHot({ minFrequency: 0.05 })),
  "oneHot, minFrequency and drop": onAll(oneHot({ minFrequency: 10, drop: "first" })),
  "oneHot, unknown ignored": onAll(oneHot({ handleUnknown: "ignore" })),
  "oneHot, unknown infrequent": onAll(oneHot({ handleUnknown: "infrequent", minFrequency: 10 })),
  "oneHot, unknown ignored and drop": onAll(oneHot({ handleUnknown: "ignore", drop: "first" })),
  "oneHot, drop if binary": onAll(oneHot({ drop: "ifBinary" })),
  "oneHot of whole numbers": onAll(oneHot()),
  "oneHot of numbers": onAll(oneHot()),
  ordinal: onAll(ordinal()),
  "ordinal, unknown": onAll(ordinal({ unknown: -5 })),
  "ordinal of numbers": onAll(ordinal()),
  "binning, uniform": onAll(binning({ bins: 6, strategy: "uniform" })),
  "binning, quantile": onAll(binning({ bins: 6 })),
  "binning, kmeans": onAll(binning({ bins: 6, strategy: "kMeans" })),
  "binning, 100 quantiles": onAll(binning({ bins: 100 })),
  "binning, kmeans of far values": onAll(binning({ strategy: "kMeans" })),
  quantileScaler: onAll(quantileScaler({ quantiles: 100 })),
  "quantileScaler to a normal distribution": onAll(
    quantileScaler({ quantiles: 100, distribution: "normal" }),
  ),
  "quantileScaler of few rows": onAll(quantileScaler({ quantiles: 5 })),
  "powerScaler, Yeo-Johnson": onAll(powerScaler()),
  "powerScaler, Box-Cox": onAll(powerScaler("boxCox")),
  hashing: onAll(hashing({ features: 8 })),
  "hashing without signs": onAll(hashing({ features: 5, alternateSign: false })),
  cross: onAll(cross()),
  "targetEncoder of two classes": () => columns({ job: targetEncoder() }),
  "targetEncoder of numbers": () => columns({ job: targetEncoder() }),
  "targetEncoder, smooth 12": () => columns({ job: targetEncoder({ smooth: 12 }) }),
  "targetEncoder of two texts": () => columns({ job: targetEncoder() }),
  "targetEncoder of two texts, smooth 3": () => columns({ job: targetEncoder({ smooth: 3 }) }),
  "targetEncoder of several texts": () => columns({ job: targetEncoder() }),
  "targetEncoder of several texts, smooth 7": () => columns({ job: targetEncoder({ smooth: 7 }) }),
  "targetEncoder of several numbers": () => columns({ job: targetEncoder({ targetType: "multiclass" }) }),
  polynomial: onAll(polynomial()),
  "polynomial of degree 3": onAll(polynomial({ degree: 3 })),
  "polynomial, interactions": onAll(polynomial({ degree: 3, interactionsOnly: true })),
  dateParts: onAll(dateParts("year", "month", "day", "weekday", "dayOfYear", "hour", "minute")),
  "dateParts of days": onAll(dateParts("year", "month", "day", "weekday", "dayOfYear")),
  dateCycles: onAll(dateCycles("month", "weekday", "hour")),
  columns: () =>
    columns({
      income: [imputer("median"), standardScaler()],
      job: oneHot(),
      ties: [binning({ bins: 3, strategy: "uniform" }), oneHot()],
    }),
  "ordinal, given order": onAll(ordinal({ categories: ["rome", "lima", "oslo"] })),
};

const flat = (rows: v.InferOutput<typeof matrix>): number[] => rows.flat().map((each) => each ?? Number.NaN);

describe("features as scikit-learn has them", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  for (const [name, describeFeatures] of Object.entries(steps)) {
    it(name, async () => {
      const reference = byName.get(name);
      assert.ok(reference, "there is a stored case of that name");
      const table = await referenceTable(database, "fitted", reference.columns);
      const [first = "", ...others] = Object.keys(reference.columns);
      const features = describeFeatures([first, ...others]);
      const options = "y" in reference.columns ? { target: "y" } : {};
      const fitted = await features.fit(table, options);
      const { data, rows } = await fitted.transform(table);
      assert.equal(rows, reference.expected.length);
      assertSameFeatures(data, flat(reference.expected));
      assertSameFeatures(await runOnnx(fitted, table), data, "ONNX");
      const { crossFitted } = reference;
      if (crossFitted) {
        const both = await features.fitTransform(table, options);
        assertSameFeatures(both.matrix.data, crossFitted, "cross-fitted");
        assertSameFeatures((await both.fitted.transform(table)).data, data, "fitted with folds");
      }
      if (!reference.later || !reference.expectedLater) return;
      const later = await referenceTable(database, "later", reference.later);
      const transformed = await fitted.transform(later);
      assertSameFeatures(transformed.data, flat(reference.expectedLater), "later rows");
      assertSameFeatures(await runOnnx(fitted, later), transformed.data, "later rows, ONNX");
    });
  }
});
