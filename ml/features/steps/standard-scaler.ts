/** @file Standardising: mean 0 and deviation 1. */
import { toNumber } from "../fit-queries.ts";
import type { StepDefinition } from "../step.ts";
import { linearMap, type LinearState } from "./linear-map.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";

/**
 * Scales numbers to mean 0 and standard deviation 1 (that of the population), as scikit-learn's StandardScaler: a
 * constant column becomes 0. What is missing is left out of the fit and stays missing.
 * @example columns({ income: standardScaler() })
 */
export function standardScaler(): Transformer<NumberColumn, "number"> {
  return { kind: "standardScaler", settings: {} };
}

/** The kind of step behind {@link standardScaler}. */
export const standardScalerStep: StepDefinition<unknown, LinearState> = {
  ...linearMap,
  kind: "standardScaler",
  fit: async (_, columns, queries) => {
    const fitted = await Promise.all(
      columns.map(async ({ sql }) => {
        const [mean, variance, count] = await queries.aggregate([
          `avg(${sql}::DOUBLE)`,
          `var_pop(${sql}::DOUBLE)`,
          `count(${sql})`,
        ]);
        return standardScale(toNumber(mean), toNumber(variance), toNumber(count));
      }),
    );
    return {
      centers: fitted.map(({ center }) => center),
      scales: fitted.map(({ scale }) => scale),
    };
  },
};

/**
 * The deviation of a column, or 1 where its variance is not above what rounding alone makes of a constant column
 * (scikit-learn's bound, after Chan, Golub and LeVeque). A column without values has mean 0.
 */
export function standardScale(
  mean: number,
  variance: number,
  count: number,
): { readonly center: number; readonly scale: number } {
  if (count === 0) return { center: 0, scale: 1 };
  const bound = count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2;
  return { center: mean, scale: variance <= bound ? 1 : Math.sqrt(variance) };
}
