/** @file Scaling by rank: to the uniform or the normal distribution. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { toNumber } from "../fit-queries.ts";
import { interpolated } from "../interpolated.ts";
import { normalQuantile } from "../normal-quantile.ts";
import { quantilesOf } from "../quantiles.ts";
import type { StepDefinition } from "../step.ts";
import { eachColumn, sideBySide } from "../traced.ts";
import { isNaN as isMissing, clip, where } from "../../graph/functions/elementwise.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";

/** How {@link quantileScaler} scales. */
export interface QuantileScalerOptions {
  /** How many quantiles are kept; 1000 where absent, and never more than rows. */
  readonly quantiles?: number;
  /** What the values are distributed as afterwards: "uniform" over [0, 1], the default, or "normal". */
  readonly distribution?: "uniform" | "normal";
}

const state = v.object({
  distribution: v.picklist(["uniform", "normal"]),
  quantiles: v.array(v.pipe(v.array(v.number()), v.minLength(1))),
});

/** How near to the ends the normal distribution is asked; scikit-learn's bound. */
const bound = 1e-7;
/** The normal distribution's quantile of 1 - {@link bound}. */
const largestNormal = 5.199_337_582_605_575;

/**
 * The share of the fit's values that lie below, interpolated between quantiles: scikit-learn's QuantileTransformer on all
 * rows. Values beyond the fit's become 0 and 1, or ±5.2 of the normal distribution; what is missing stays missing. It is
 * the last transformer of its columns.
 */
export function quantileScaler({
  quantiles = 1000,
  distribution = "uniform",
}: QuantileScalerOptions = {}): Transformer<NumberColumn, "number"> {
  if (!Number.isInteger(quantiles) || quantiles < 2 || quantiles > 10_000)
    throw new InvalidInputError(`quantileScaler: ${quantiles} is no number of quantiles from 2 to 10000`);
  return { kind: "quantileScaler", settings: { quantiles, distribution } };
}

/** The kind of step behind {@link quantileScaler}. */
export const quantileScalerStep: StepDefinition<
  Required<QuantileScalerOptions>,
  v.InferOutput<typeof state>
> = {
  kind: "quantileScaler",
  state,
  takes: "number",
  fit: async ({ quantiles, distribution }, columns, queries) => {
    const [rows] = await queries.aggregate(["count(*)"]);
    const count = Math.min(quantiles, toNumber(rows));
    const shares = count === 1 ? [0] : Array.from({ length: count }, (_, at) => at / (count - 1));
    const fitted = columns.map(async ({ name, sql }) => {
      const found = await quantilesOf(`${sql}::DOUBLE`, shares, queries);
      if (found.length === 0)
        throw new InvalidInputError(`quantileScaler: column "${name}" holds no value at all`);
      let largest = Number.NEGATIVE_INFINITY;
      // Rounding in the interpolation must not make them descend.
      return found.map((value) => (largest = Math.max(largest, value)));
    });
    return { distribution, quantiles: await Promise.all(fitted) };
  },
  names: (_, columns) => columns,
  trace: ({ distribution, quantiles }, columns) =>
    sideBySide(
      eachColumn(columns).map(({ tensor }, at) => {
        const x = tensor.cast("float64");
        const knots = quantiles[at] ?? [0];
        const [low = 0, high = 0] = [knots[0], knots.at(-1)];
        const threshold = distribution === "normal" ? bound : 0;
        const isLowest = distribution === "normal" ? x.sub(threshold).less(low) : x.lessOrEqual(low);
        const isHighest = distribution === "normal" ? x.add(threshold).greater(high) : x.greaterOrEqual(high);
        const share = where(isLowest, 0, where(isHighest, 1, interpolated(x, knots)));
        const scaled =
          distribution === "normal" ? clip(normalQuantile(share), -largestNormal, largestNormal) : share;
        return where(isMissing(x), Number.NaN, scaled);
      }),
    ),
};
