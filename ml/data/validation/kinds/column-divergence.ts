/** @file The expectation that a column is distributed as a partition says, by the Kullback-Leibler divergence. */
import * as v from "valibot";
import type { RowValue } from "../../query-result.ts";
import { countOf, fieldOf, listOf, resultValue } from "../answers.ts";
import {
  aggregate,
  kind,
  parts,
  query,
  type Ask,
  type Evaluation,
  type Kind,
  type ResultValue,
} from "../expectation.ts";
import type { Scope } from "../scope.ts";
import { requiredLiteral } from "../sql-values.ts";
import { requireNumber } from "./require-type.ts";

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const weights = v.pipe(v.array(share), v.minLength(1));
const categorical = v.pipe(
  v.strictObject({ values: v.array(v.union([v.number(), v.string(), v.boolean()])), weights }),
  v.check(({ values, weights }) => values.length === weights.length, "there must be a weight for each value"),
  v.check(({ weights }) => sumsToOne(weights), "the weights must sum to 1"),
);
const continuous = v.pipe(
  v.strictObject({
    bins: v.pipe(v.array(v.number()), v.minLength(2)),
    weights,
    tail_weights: v.optional(v.tuple([share, share])),
  }),
  v.check(
    ({ bins, weights }) => bins.length === weights.length + 1,
    "there must be one edge of bins more than weights",
  ),
  v.check(
    ({ bins }) => bins.every((edge, index) => index === 0 || edge > (bins[index - 1] ?? edge)),
    "the edges of bins must rise",
  ),
  v.check(
    ({ weights, tail_weights: tails = [] }) => sumsToOne([...weights, ...tails]),
    "the weights, those of tails included, must sum to 1",
  ),
);
const schema = v.pipe(
  v.strictObject({
    ...parts.column,
    ...parts.rows,
    partition_object: v.union([categorical, continuous]),
    threshold: v.optional(v.pipe(v.number(), v.minValue(0))),
    tail_weight_holdout: v.optional(share, 0),
    internal_weight_holdout: v.optional(share, 0),
  }),
  v.check(
    ({ partition_object: partition, tail_weight_holdout: holdout }) =>
      holdout === 0 || !("tail_weights" in partition),
    "tail_weight_holdout and the partition's tail_weights exclude each other",
  ),
  v.check(
    ({ partition_object: partition, internal_weight_holdout: holdout }) =>
      holdout === 0 || !("values" in partition),
    "internal_weight_holdout is for bins, not for values",
  ),
);

type Arguments = v.InferOutput<typeof schema>;

/**
 * The divergence of what is observed from what is expected, in nats: the sum of p ln(p / q) over normalised weights.
 * Infinite where something is observed that is not expected at all; the result then has no observed value.
 */
function* divergence(kwargs: Arguments, scope: Scope): Evaluation {
  const partition = kwargs.partition_object;
  const { observed, expected, shape } =
    "values" in partition
      ? yield* categories(kwargs, partition, scope)
      : yield* histogram(kwargs, partition, scope);
  const value = klDivergence(observed, expected);
  return {
    success: kwargs.threshold === undefined || value <= kwargs.threshold,
    result: {
      observed_value: Number.isFinite(value) ? value : null,
      details: {
        observed_partition: partitionOf(shape, observed),
        expected_partition: partitionOf(shape, expected),
      },
    },
  };
}

interface Weighted {
  readonly observed: readonly number[];
  readonly expected: readonly number[];
  /** What the weights are of. */
  readonly shape: { readonly [name: string]: ResultValue };
}

/** Weights of intervals stand between those of the tails. */
function partitionOf(shape: Weighted["shape"], weights: readonly number[]): Weighted["shape"] {
  if (!("bins" in shape)) return { ...shape, weights };
  const tails = [weights[0] ?? 0, weights.at(-1) ?? 0];
  return { ...shape, weights: weights.slice(1, -1), tail_weights: tails };
}

type Weighing = Generator<readonly Ask[], Weighted, readonly RowValue[]>;

/** Values that are not expected share the tail's weight, where one is held out. */
function* categories(
  { column: name, tail_weight_holdout: holdout }: Arguments,
  { values, weights }: v.InferOutput<typeof categorical>,
  scope: Scope,
): Weighing {
  const column = scope.column(name);
  const listed = values.map((value, index) => `WHEN v = ${requiredLiteral(column, value)} THEN ${index}`);
  const counts = `SELECT ${column.value} AS v, ${column.shown} AS shown ${scope.from(`${column.value} IS NOT NULL`)}`;
  const [answer] = yield [
    query(
      `SELECT list({'index': i, 'shown': shown, 'count': n} ORDER BY n DESC, shown) FROM (
         SELECT CASE ${listed.join(" ")} END AS i, any_value(shown) AS shown, count(*) AS n FROM (${counts}) GROUP BY i, v)`,
    ),
  ];
  const groups = listOf(answer);
  const total = sum(groups.map((group) => countOf(fieldOf(group, "count"))));
  const indexOf = (group: RowValue): RowValue | undefined => fieldOf(group, "index");
  const others = groups.filter((group) => indexOf(group) === null);
  const share = (group: RowValue | undefined): number => countOf(fieldOf(group, "count")) / total;
  return {
    observed: [
      ...values.map((_, index) => share(groups.find((group) => Number(indexOf(group) ?? -1) === index))),
      ...others.map(share),
    ],
    expected: [
      ...weights.map((weight) => weight * (others.length > 0 ? 1 - holdout : 1)),
      ...others.map(() => holdout / others.length),
    ],
    shape: { values: [...values, ...others.map((group) => resultValue(fieldOf(group, "shown")))] },
  };
}

/** Bins hold their lower edge, the last one the upper edge too; what lies outside counts in the tails. */
function* histogram(
  { column: name, tail_weight_holdout: tail, internal_weight_holdout: internal }: Arguments,
  { bins, weights, tail_weights: tails }: v.InferOutput<typeof continuous>,
  scope: Scope,
): Weighing {
  const number = requireNumber(scope.column(name));
  const edge = (value: number | undefined): string => `CAST('${value}' AS DOUBLE)`;
  const conditions = [
    `${number} < ${edge(bins[0])}`,
    ...weights.map((_, index) => {
      const upper = index === weights.length - 1 ? "<=" : "<";
      return `${number} >= ${edge(bins[index])} AND ${number} ${upper} ${edge(bins[index + 1])}`;
    }),
    `${number} > ${edge(bins.at(-1))}`,
  ];
  const answers = yield conditions.map((condition) => aggregate(scope.aggregate("count(*)", condition)));
  const counts = answers.map(countOf);
  const total = sum(counts);
  const empty = weights.filter((weight) => weight === 0).length;
  const inner = weights.map((weight) =>
    weight === 0 && internal > 0 ? internal / empty : weight * (1 - tail - internal),
  );
  return {
    observed: counts.map((count) => count / total),
    expected: [tails?.[0] ?? tail / 2, ...inner, tails?.[1] ?? tail / 2],
    shape: { bins },
  };
}

function sumsToOne(values: readonly number[]): boolean {
  return Math.abs(sum(values) - 1) < 1e-5;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** As scipy.stats.entropy(p, q). */
function klDivergence(p: readonly number[], q: readonly number[]): number {
  const [totalP, totalQ] = [sum(p), sum(q)];
  return sum(
    p.map((each, index) => {
      const [a, b] = [each / totalP, (q[index] ?? 0) / totalQ];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
      return a === 0 ? 0 : a * Math.log(a / b);
    }),
  );
}

export const columnDivergence = {
  expect_column_kl_divergence_to_be_less_than: kind(schema, divergence),
} satisfies Readonly<Record<string, Kind>>;
