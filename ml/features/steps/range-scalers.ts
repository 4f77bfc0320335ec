/** @file Scalers by the range of a column: smallest and largest value, largest size, quartiles. */
import { InvalidInputError } from "../../errors.ts";
import { toNumber } from "../fit-queries.ts";
import { quantilesOf } from "../quantiles.ts";
import type { FitQueries, SqlColumn, StepDefinition } from "../step.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";
import { linearMap, type LinearState } from "./linear-map.ts";

/** The values that {@link minMaxScaler} maps the smallest and the largest value to; 0 and 1 where absent. */
export interface MinMaxOptions {
  readonly range?: readonly [low: number, high: number];
}

/** The quantiles whose distance {@link robustScaler} takes as 1; 0.25 and 0.75 where absent. */
export interface RobustOptions {
  readonly quantiles?: readonly [low: number, high: number];
}

/**
 * Maps the smallest value of the fit to 0 and the largest to 1, or to the ends of another range (scikit-learn's
 * MinMaxScaler). Later values beyond them lie outside. A constant column becomes the low end.
 */
export function minMaxScaler(options: MinMaxOptions = {}): Transformer<NumberColumn, "number"> {
  const [low, high] = options.range ?? [0, 1];
  if (!(low < high)) throw new InvalidInputError(`minMaxScaler: ${low} is not below ${high}`);
  return { kind: "minMaxScaler", settings: { range: [low, high] } };
}

/** Divides by the largest size, so that all lie in [-1, 1] and 0 stays 0 (scikit-learn's MaxAbsScaler). */
export function maxAbsScaler(): Transformer<NumberColumn, "number"> {
  return { kind: "maxAbsScaler", settings: {} };
}

/**
 * `(x - median) / (upper - lower quartile)`: outliers don't count (scikit-learn's RobustScaler). Quantiles between two
 * values are interpolated linearly.
 */
export function robustScaler(options: RobustOptions = {}): Transformer<NumberColumn, "number"> {
  const [low, high] = options.quantiles ?? [0.25, 0.75];
  if (!(low >= 0 && low < high && high <= 1))
    throw new InvalidInputError(`robustScaler: ${low} and ${high} are no quantiles in ascending order`);
  return { kind: "robustScaler", settings: { quantiles: [low, high] } };
}

/** The kind of step behind {@link minMaxScaler}. */
export const minMaxScalerStep: StepDefinition<Required<MinMaxOptions>, LinearState> = {
  ...linearMap,
  kind: "minMaxScaler",
  fit: async ({ range: [low, high] }, columns, queries) =>
    fitEach(
      columns,
      queries,
      (x) => [`min(${x})`, `max(${x})`],
      ([min = 0, max = 0]) => {
        const scale = scaleOf(max - min) / (high - low);
        return { center: min - low * scale, scale };
      },
    ),
};

/** The kind of step behind {@link maxAbsScaler}. */
export const maxAbsScalerStep: StepDefinition<unknown, LinearState> = {
  ...linearMap,
  kind: "maxAbsScaler",
  fit: async (_, columns, queries) =>
    fitEach(
      columns,
      queries,
      (x) => [`max(abs(${x}))`],
      ([size = 0]) => ({ center: 0, scale: scaleOf(size) }),
    ),
};

/** The kind of step behind {@link robustScaler}. */
export const robustScalerStep: StepDefinition<Required<RobustOptions>, LinearState> = {
  ...linearMap,
  kind: "robustScaler",
  fit: async ({ quantiles: [low, high] }, columns, queries) => {
    const maps = await Promise.all(
      columns.map(async ({ sql }) => {
        const found = await quantilesOf(`${sql}::DOUBLE`, [low, 0.5, high], queries);
        const [first = 0, median = 0, third = 1] = found;
        return { center: median, scale: scaleOf(third - first) };
      }),
    );
    return { centers: maps.map(({ center }) => center), scales: maps.map(({ scale }) => scale) };
  },
};

/** A divisor; 1 where it is 0 but for rounding (scikit-learn's bound). */
function scaleOf(distance: number): number {
  return distance < 10 * Number.EPSILON ? 1 : distance;
}

/** Fits each column by aggregates of its own; one without values keeps what it has. */
async function fitEach(
  columns: readonly SqlColumn[],
  queries: FitQueries,
  aggregates: (x: string) => readonly string[],
  mapOf: (values: readonly number[]) => { readonly center: number; readonly scale: number },
): Promise<LinearState> {
  const maps = await Promise.all(
    columns.map(async ({ sql }) => {
      const values = (await queries.aggregate(aggregates(`${sql}::DOUBLE`))).map(toNumber);
      return values.some(Number.isNaN) ? { center: 0, scale: 1 } : mapOf(values);
    }),
  );
  return { centers: maps.map(({ center }) => center), scales: maps.map(({ scale }) => scale) };
}
