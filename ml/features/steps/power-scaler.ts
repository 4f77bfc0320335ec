/** @file Power transformations: to what is most like a normal distribution. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { where } from "../../graph/functions/elementwise.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toNumber } from "../fit-queries.ts";
import { sqlNumber } from "../sql.ts";
import type { FitQueries, StepDefinition } from "../step.ts";
import { eachColumn, sideBySide } from "../traced.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";
import { likeliestPower } from "./likeliest-power.ts";
import { standardScale } from "./standard-scaler.ts";

/** The transformations of {@link powerScaler}: Yeo and Johnson's, of all numbers, and Box and Cox's, of positive ones. */
export type PowerMethod = "yeoJohnson" | "boxCox";

const fitted = v.object({ lambda: v.number(), center: v.number(), scale: v.number() });
const state = v.object({ method: v.picklist(["yeoJohnson", "boxCox"]), columns: v.array(fitted) });

/**
 * Raises to the power that makes a column most like a normal distribution, then scales to mean 0 and deviation 1:
 * scikit-learn's PowerTransformer. What is missing stays missing; with "boxCox" the fit refuses what isn't positive, and
 * later it becomes missing.
 */
export function powerScaler(method: PowerMethod = "yeoJohnson"): Transformer<NumberColumn, "number"> {
  return { kind: "powerScaler", settings: { method } };
}

/** The kind of step behind {@link powerScaler}. */
export const powerScalerStep: StepDefinition<
  { readonly method: PowerMethod },
  v.InferOutput<typeof state>
> = {
  kind: "powerScaler",
  state,
  takes: "number",
  fit: async ({ method }, columns, queries) => ({
    method,
    columns: await queries.kept(
      columns.map(({ sql }) => `${sql}::DOUBLE`),
      async (kept, ofKept) =>
        await Promise.all(
          columns.map(async ({ name }, at) => fitColumn(name, kept[at] ?? "", method, ofKept)),
        ),
    ),
  }),
  names: (_, columns) => columns,
  sql: ({ method, columns: maps }, columns) =>
    columns.map(({ sql }, at) => {
      const { lambda = 1, center = 0, scale = 1 } = maps[at] ?? {};
      const power = sqlPower(method, `${sql}::DOUBLE`, lambda);
      return { type: "number", sql: `((${power}) - ${sqlNumber(center)}) / ${sqlNumber(scale)}` };
    }),
  trace: ({ method, columns: maps }, columns) =>
    sideBySide(
      eachColumn(columns).map(({ tensor }, at) => {
        const { lambda = 1, center = 0, scale = 1 } = maps[at] ?? {};
        const x = tensor.cast("float64");
        const power =
          method === "boxCox"
            ? raised(where(x.greater(0), x, Number.NaN).log(), lambda)
            : where(
                x.less(0),
                // Where the other branch is taken, its logarithm must not be of what is negative.
                raised(where(x.less(0), x.neg(), 0).add(1).log(), 2 - lambda).neg(),
                raised(where(x.less(0), 0, x).add(1).log(), lambda),
              );
        return power.sub(center).div(scale);
      }),
    ),
};

async function fitColumn(
  name: string,
  x: string,
  method: PowerMethod,
  queries: FitQueries,
): Promise<v.InferOutput<typeof fitted>> {
  const [count, least, variance] = (
    await queries.aggregate([`count(${x})`, `min(${x})`, `var_pop(${x})`])
  ).map(toNumber);
  if (method === "boxCox" && least !== undefined && least <= 0)
    throw new InvalidInputError(
      `powerScaler("boxCox") takes positive numbers, and column "${name}" holds ${least}: "yeoJohnson" takes all`,
    );
  if (count === 0) return { lambda: 1, center: 0, scale: 1 };
  const lambda = variance === 0 ? 1 : await likeliestPower(x, method, queries);
  const power = sqlPower(method, x, lambda);
  const [mean, spread] = await queries.aggregate([`avg(${power})`, `var_pop(${power})`]);
  return { lambda, ...standardScale(toNumber(mean), toNumber(spread), count ?? 0) };
}

/** `(e^(lambda·log) - 1) / lambda`, or its limit, the logarithm itself. */
function raised(logarithm: Tensor, lambda: number): Tensor {
  return lambda === 0 ? logarithm : logarithm.mul(lambda).exp().sub(1).div(lambda);
}

/** The transformed column (Box and Cox 1964; Yeo and Johnson 2000), not yet scaled. */
function sqlPower(method: PowerMethod, x: string, lambda: number): string {
  if (method === "boxCox") return `CASE WHEN ${x} > 0 THEN ${sqlRaised(`ln(${x})`, lambda)} END`;
  return `CASE WHEN ${x} < 0 THEN -(${sqlRaised(`ln(1 - ${x})`, 2 - lambda)}) ELSE ${sqlRaised(`ln(1 + ${x})`, lambda)} END`;
}

function sqlRaised(logarithm: string, lambda: number): string {
  if (lambda === 0) return logarithm;
  return `(exp(${sqlNumber(lambda)} * ${logarithm}) - 1) / ${sqlNumber(lambda)}`;
}
