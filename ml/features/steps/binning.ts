/** @file Binning: the number of the interval that a value lies in. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { isNaN as isMissing, where } from "../../graph/functions/elementwise.ts";
import { toNumber } from "../fit-queries.ts";
import { quantilesOf } from "../quantiles.ts";
import { sqlInterval } from "../sql.ts";
import type { FitQueries, SqlColumn, StepDefinition } from "../step.ts";
import { eachColumn, row, sideBySide, zerosLike } from "../traced.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";
import { clusterEdges } from "./cluster-edges.ts";

/** How {@link binning} cuts. */
export interface BinningOptions {
  /** How many bins; 5 where absent. */
  readonly bins?: number;
  /**
   * "quantile" (the default): as many rows in each; "uniform": of one width; "kMeans": each value belongs to the nearest
   * of the bins' means.
   */
  readonly strategy?: BinningStrategy;
}

/** Where {@link binning} puts the edges. */
export type BinningStrategy = "uniform" | "quantile" | "kMeans";

/** The edges between the bins of each column. */
const state = v.object({ edges: v.array(v.array(v.number())) });

/**
 * The number of the bin that a value lies in, from 0: scikit-learn's KBinsDiscretizer. A bin holds its lower edge; values
 * beyond the fit's belong to the outer bins; what is missing stays missing. Bins that would be narrower than 1e-8 are
 * left out, so that ties may make them fewer. Quantiles are interpolated linearly.
 * @example columns({ age: [binning({ bins: 10 }), oneHot()] })
 */
export function binning({ bins = 5, strategy = "quantile" }: BinningOptions = {}): Transformer<
  NumberColumn,
  "number"
> {
  if (!Number.isInteger(bins) || bins < 2 || bins > 10_000)
    throw new InvalidInputError(`binning: ${bins} is no number of bins from 2 to 10000`);
  return { kind: "binning", settings: { bins, strategy } };
}

/** The kind of step behind {@link binning}. */
export const binningStep: StepDefinition<Required<BinningOptions>, v.InferOutput<typeof state>> = {
  kind: "binning",
  state,
  takes: "number",
  fit: async ({ bins, strategy }, columns, queries) => ({
    edges: await Promise.all(
      columns.map(async (column) => (await edgesOf(column, bins, strategy, queries)).slice(1, -1)),
    ),
  }),
  names: (_, columns) => columns,
  sql: ({ edges }, columns) =>
    columns.map(({ sql }, at) => ({
      type: "number",
      sql: `CASE WHEN ${sql} IS NULL THEN NULL ELSE ${sqlInterval(sql, edges[at] ?? [])} END::DOUBLE`,
    })),
  trace: ({ edges }, columns) =>
    sideBySide(
      eachColumn(columns).map(({ tensor }, at) => {
        const x = tensor.cast("float64");
        const between = edges[at] ?? [];
        const bin =
          between.length === 0
            ? zerosLike(x, "float64")
            : row(between).lessOrEqual(x).cast("float64").sum(1, { keepAxes: true });
        return where(isMissing(x), Number.NaN, bin);
      }),
    ),
};

/** The edges of all bins, the outer ones included. */
async function edgesOf(
  { name, sql }: SqlColumn,
  bins: number,
  strategy: BinningStrategy,
  queries: FitQueries,
): Promise<readonly number[]> {
  const x = `${sql}::DOUBLE`;
  const [low, high] = (await queries.aggregate([`min(${x})`, `max(${x})`])).map(toNumber);
  if (low === undefined || high === undefined || Number.isNaN(low))
    throw new InvalidInputError(`binning: column "${name}" holds no value at all`);
  if (low === high) return [low, high];
  const shares = Array.from({ length: bins + 1 }, (_, at) => at / bins);
  if (strategy === "uniform") return shares.map((share) => low + (high - low) * share);
  const edges =
    strategy === "kMeans"
      ? await clusterEdges(x, bins, low, high, queries)
      : await quantilesOf(x, shares, queries);
  return edges.filter((edge, at) => at === 0 || edge - (edges[at - 1] ?? 0) > 1e-8);
}
