/** @file Expectations of how far a column's values lie from the others: z-scores and outliers. */
import * as v from "valibot";
import type { RowValue } from "../../query-result.ts";
import { listOf, numberOf } from "../answers.ts";
import { aggregate, kind, parts, type Ask, type Evaluation, type Kind } from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { evaluateRows } from "./map-outcome.ts";
import type { SqlColumn } from "../sql-values.ts";
import { quantilesOf } from "./quantiles.ts";
import { requireNumber } from "./require-type.ts";
import { mean, sampleDeviation } from "./statistics-sql.ts";

const common = { ...parts.column, ...parts.rows, ...parts.mostly };

/** `|x - mean| / deviation < threshold`, with the sample's deviation; without one, every value is as expected. */
function* zScores(
  kwargs: {
    readonly column: string;
    readonly mostly: number;
    readonly threshold: number;
    readonly double_sided: boolean;
  },
  scope: Scope,
): Evaluation {
  const column = scope.column(kwargs.column);
  const number = requireNumber(column);
  const [average, deviation] = yield [
    aggregate(mean(scope, column)),
    aggregate(sampleDeviation(scope, column)),
  ];
  const center = numberOf(average);
  const spread = numberOf(deviation);
  let expected = "true";
  if (center !== null && spread !== null && spread !== 0) {
    const score = `((${number} - ${sqlDouble(center)}) / ${sqlDouble(spread)})`;
    expected = kwargs.double_sided
      ? `abs(${score}) < ${sqlDouble(Math.abs(kwargs.threshold))}`
      : `${score} < ${sqlDouble(kwargs.threshold)}`;
  }
  return yield* evaluateRows(scope, {
    column,
    present: `${column.value} IS NOT NULL`,
    expected,
    example: column.shown,
    mostly: kwargs.mostly,
  });
}

/**
 * `iqr`: within `multiplier` interquartile ranges of the quartiles (Tukey's fences, which are inside); `std`: nearer to
 * the mean than `multiplier` deviations. Without finite statistics every value is as expected.
 */
function* outliers(
  kwargs: {
    readonly column: string;
    readonly mostly: number;
    readonly method: "iqr" | "std";
    readonly multiplier: number;
  },
  scope: Scope,
): Evaluation {
  const column = scope.column(kwargs.column);
  const number = requireNumber(column);
  const expected = yield* kwargs.method === "iqr"
    ? withinFences(scope, column, number, kwargs.multiplier)
    : nearMean(scope, column, number, kwargs.multiplier);
  return yield* evaluateRows(scope, {
    column,
    present: `${column.value} IS NOT NULL`,
    expected,
    example: column.shown,
    mostly: kwargs.mostly,
  });
}

type Condition = Generator<readonly Ask[], string, readonly RowValue[]>;

function* withinFences(scope: Scope, column: SqlColumn, number: string, multiplier: number): Condition {
  const [answer] = yield [quantilesOf(scope, column, [0.25, 0.75])];
  const [first, third] = listOf(answer).map(numberOf);
  if (!isFinite(first) || !isFinite(third)) return "true";
  const reach = multiplier * (third - first);
  return `${number} >= ${sqlDouble(first - reach)} AND ${number} <= ${sqlDouble(third + reach)}`;
}

function* nearMean(scope: Scope, column: SqlColumn, number: string, multiplier: number): Condition {
  const [average, deviation] = yield [
    aggregate(mean(scope, column)),
    aggregate(sampleDeviation(scope, column)),
  ];
  const [center, spread] = [numberOf(average), numberOf(deviation)];
  if (!isFinite(center) || !isFinite(spread)) return "true";
  const reach = multiplier * spread;
  if (reach <= 0) return `${number} = ${sqlDouble(center)}`;
  return `abs(${number} - ${sqlDouble(center)}) < ${sqlDouble(reach)}`;
}

function isFinite(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const sqlDouble = (value: number): string => `CAST('${value}' AS DOUBLE)`;

export const columnOutliers = {
  expect_column_value_z_scores_to_be_less_than: kind(
    v.strictObject({ ...common, threshold: v.number(), double_sided: v.optional(v.boolean(), true) }),
    zScores,
  ),
  expect_column_values_to_not_be_outliers: kind(
    v.strictObject({
      ...common,
      method: v.optional(v.picklist(["iqr", "std"]), "iqr"),
      multiplier: v.optional(v.pipe(v.number(), v.minValue(0)), 1.5),
    }),
    outliers,
  ),
} satisfies Readonly<Record<string, Kind>>;
